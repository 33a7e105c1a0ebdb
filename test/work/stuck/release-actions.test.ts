import { expect, test } from 'vitest'
import { RELEASE_STATES } from '../../../src/ground/state/states.ts'
import { releaseActions } from '../../../src/work/stuck/release-actions.ts'
import { NOW } from '../../embedded/clock.ts'

const ENDED = NOW
const LIVE = NOW + 1

const TABLE = [
  // state, code, lease, a retry, a drop, whether the pages offer to retry and to drop
  ['released', null, ENDED, 'over', 'over', false, false],
  ['queued', 'AMAVISD_DEFERRED', ENDED, 'make-due', 'drop', true, true],
  ['releasing', null, LIVE, 'in-hand', 'in-hand', false, false],
  ['releasing', null, ENDED, 'settle', 'over', false, false],
  ['uncertain', 'RELEASE_UNCERTAIN', ENDED, 'ask', 'over', true, false],
  ['failed', 'AMAVISD_REFUSED', ENDED, 'ask', 'over', true, false],
  ['failed', 'MESSAGE_GONE', ENDED, 'ask', 'over', false, false],
] as const

test.each(TABLE)(
  'a release that is %s (code %s, lease until %i): a retry gives %s, a drop gives %s; offered: %s, %s',
  (state, code, leaseUntil, retry, drop, mayRetry, mayDrop) => {
    const offers = { retry: mayRetry, drop: mayDrop }
    expect(releaseActions({ state, code, leaseUntil }, NOW)).toEqual({ retry, drop, offers })
  },
)

test('the table has every state', () => {
  expect(new Set(TABLE.map(([state]) => state))).toEqual(new Set(RELEASE_STATES))
})

test('a lease matters only while amavisd is being asked', () => {
  for (const state of RELEASE_STATES.filter(state => state !== 'releasing')) {
    const [ended, live] = [ENDED, LIVE].map(leaseUntil =>
      releaseActions({ state, code: null, leaseUntil }, NOW),
    )
    expect(live).toEqual(ended)
  }
})
