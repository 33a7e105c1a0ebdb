import { expect, test } from 'vitest'
import { DIGEST_STATES } from '../../../src/ground/state/states.ts'
import { digestActions } from '../../../src/work/stuck/digest-actions.ts'

const TABLE = [
  // state, a retry, a drop, whether the pages offer to resend, to retry and to drop
  ['sent', 'over', 'over', true, false, false],
  ['pending', 'make-due', 'drop', false, true, true],
  ['failed', 'send-anew', 'over', false, true, false],
  ['empty', 'over', 'over', false, false, false],
  ['dropped', 'over', 'over', false, false, false],
] as const

test.each(TABLE)(
  'a digest that is %s: a retry gives %s, a drop gives %s; offered: resend %s, retry %s, drop %s',
  (state, retry, drop, mayResend, mayRetry, mayDrop) => {
    const offers = { resend: mayResend, retry: mayRetry, drop: mayDrop }
    expect(digestActions(state, false)).toEqual({ retry, drop, offers })
  },
)

test('a copy that failed is sent itself once more: its messages are those of the digest', () => {
  expect(digestActions('failed', true)).toMatchObject({ retry: 'send-copy-anew', offers: { retry: true } })
  for (const [state, retry] of TABLE) {
    if (state !== 'failed') expect(digestActions(state, true).retry).toBe(retry)
  }
})

test('the table has every state', () => {
  expect(TABLE.map(([state]) => state)).toEqual(DIGEST_STATES)
})
