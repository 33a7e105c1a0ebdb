import { expect, test } from 'vitest'
import type { HeldMail } from '../../../../src/ground/amavis/held-mail.ts'
import type { Candidate } from '../../../../src/work/digest/make/candidates.ts'
import { likeliestMistakesFirst } from '../../../../src/work/digest/show/message-order.ts'

test('the likeliest mistakes come first: lowest score, then newest; the unscanned and the gone come last', () => {
  const candidates = [
    candidate('gone', undefined, 1),
    candidate('not scanned', null, 2),
    candidate('certain', 999.999, 3),
    candidate('older', 4.5, 4),
    candidate('newer', 4.5, 5),
    candidate('negative', -1.2, 1),
    candidate('zero', 0, 1),
  ]
  const order = candidates.toSorted(likeliestMistakesFirst).map(({ item }) => item.itemId)
  expect(order).toEqual(['negative', 'zero', 'newer', 'older', 'certain', 'not scanned', 'gone'])
})

/** @param score undefined: amavis no longer knows the message */
function candidate(itemId: string, score: number | null | undefined, mailAt: number): Candidate {
  const key = { partitionTag: 0, mailId: itemId, rseqnum: 1 }
  const item = {
    ...key,
    itemId,
    recipient: 'a@b.example',
    reader: 'a@b.example',
    timeNum: mailAt / 1000,
    mailAt,
    digestId: null,
  }
  const mail = score === undefined ? undefined : ({ ...key, score } as HeldMail)
  return { item, mail }
}
