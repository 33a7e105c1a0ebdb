import type { Evidence, Violation } from './evidence.ts'
import { keyOf } from './ledger.ts'
import { readersOf } from './second-readers.ts'

/**
 * Checks that every held message is in exactly one digest of each of its readers, and in nobody else's. One that a reader
 * has released before the other one could be told of it need not be in the digest of the latter.
 */
export function listingViolations({ ledger, tables }: Evidence): Violation[] {
  const listed = messageIdsByItem(ledger.digests)
  const released = new Set(tables.releases.map(row => keyOf(row.subject, row.recipient)))
  const held = new Set<string>()
  const violations: Violation[] = []
  for (const { subject, recipient } of tables.held) {
    const items = readersOf(recipient).map(reader => keyOf(subject, reader))
    const isTold = released.has(keyOf(subject, recipient)) && items.some(item => listed.has(item))
    for (const item of items) {
      const count = listed.get(item)?.size ?? 0
      held.add(item)
      if (count === 0 && !isTold) violations.push({ rule: NEVER, about: item })
      if (count > 1)
        violations.push({ rule: TWICE, about: `${item} in ${[...(listed.get(item) ?? [])].join(', ')}` })
    }
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
