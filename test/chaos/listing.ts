import type { Evidence, Violation } from './evidence.ts'
import { keyOf } from './ledger.ts'

/** Checks that every held message is in exactly one digest, and that this digest went to its recipient. */
export function listingViolations({ ledger, tables }: Evidence): Violation[] {
  const listed = messageIdsByItem(ledger.digests)
  const held = new Set(tables.held.map(row => keyOf(row.subject, row.recipient)))
  const violations: Violation[] = []
  for (const item of held) {
    const count = listed.get(item)?.size ?? 0
    if (count === 0) violations.push({ rule: NEVER, about: item })
    if (count > 1)
      violations.push({ rule: TWICE, about: `${item} in ${[...(listed.get(item) ?? [])].join(', ')}` })
  }
  for (const [item, ids] of listed) {
    if (!held.has(item))
      violations.push({ rule: 'listed for somebody else', about: `${item} in ${[...ids].join(', ')}` })
  }
  return violations
}

export const NEVER = 'never listed'
export const TWICE = 'listed twice'

function messageIdsByItem(digests: Evidence['ledger']['digests']): Map<string, Set<string>> {
  const byItem = new Map<string, Set<string>>()
  for (const { subjects, reader, messageId } of digests) {
    for (const subject of subjects) {
      const item = keyOf(subject, reader)
      byItem.set(item, (byItem.get(item) ?? new Set()).add(messageId))
    }
  }
  return byItem
}
