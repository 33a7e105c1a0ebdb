import { expect, test } from 'vitest'
import type { HeldMail } from '../../../../src/ground/amavis/held-mail.ts'
import type { Candidate } from '../../../../src/work/digest/make/candidates.ts'
import { messageOrder } from '../../../../src/work/digest/show/message-order.ts'

const SPAM_BORDER = 10

test('A digest lists what is perhaps wanted, then what could be dangerous, then what is almost certainly spam', () => {
  const candidates = [
    candidate('gone', undefined, 1),
    candidate('certain', { score: 10 }, 3),
    candidate('blocked', { score: 0, because: { detail: 'blockListed' } }, 1),
    candidate('virus', { kind: 'virus', score: null }, 9),
    candidate('banned', { kind: 'banned', score: 2 }, 9),
    candidate('bad header', { kind: 'badHeader', score: null }, 2),
    candidate('below the border', { score: 9.9 }, 4),
  ]
  expect(orderOf(candidates)).toEqual([
    'below the border',
    'bad header',
    'banned',
    'virus',
    'blocked',
    'certain',
    'gone',
  ])
})

test('Within a group the lowest score comes first, then the newest; what was not scanned comes last', () => {
  const candidates = [
    candidate('not scanned', { kind: 'badHeader', score: null }, 2),
    candidate('older', { score: 4.5 }, 4),
    candidate('newer', { score: 4.5 }, 5),
    candidate('negative', { score: -1.2 }, 1),
    candidate('zero', { score: 0 }, 1),
  ]
  expect(orderOf(candidates)).toEqual(['negative', 'zero', 'newer', 'older', 'not scanned'])
})

const orderOf = (candidates: readonly Candidate[]) =>
  candidates.toSorted(messageOrder(SPAM_BORDER)).map(({ item }) => item.itemId)

/** @param facts undefined: amavis no longer knows the message */
function candidate(itemId: string, facts: Partial<HeldMail> | undefined, mailAt: number): Candidate {
  const key = { partitionTag: 0, mailId: itemId, rseqnum: 1 }
  const item = {
    ...key,
    itemId,
    heldId: itemId,
    recipient: 'a@b.example',
    reader: 'a@b.example',
    timeNum: mailAt / 1000,
    mailAt,
    kind: 'spam' as const,
    digestId: null,
    listedIn: null,
    promisedUntil: null,
  }
  const spam = { kind: 'spam', because: { detail: 'unknown' } } as const
  const mail = facts && ({ ...key, ...spam, ...facts } as HeldMail)
  return { item, mail }
}
