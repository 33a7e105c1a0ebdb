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
    expect(digestActions(state)).toEqual({ retry, drop, offers })
  },
)

test('the table has every state', () => {
  expect(TABLE.map(([state]) => state)).toEqual(DIGEST_STATES)
})
