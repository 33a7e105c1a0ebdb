import { expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../../src/ground/durations.ts'
import { type Attempt, nextAttemptAt } from '../../../src/work/release/retry-times.ts'
import { NOW } from '../../embedded/clock.ts'

const noJitter = () => 0
const waitAfter = (attempt: Attempt, random = noJitter) => {
  const next = nextAttemptAt(attempt, NOW, random)
  return next === null ? null : next - NOW
}
const attempts = Array.from({ length: 10 }, (_, index) => index + 1)

test('after a 4xx amavisd is asked again in 5 seconds, then after twice as long each time, up to 15 minutes', () => {
  const waits = attempts.map(count =>
    waitAfter({ state: 'queued', code: 'AMAVISD_DEFERRED', attempts: count }),
  )
  expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 900, 900].map(seconds => seconds * SECOND))
})

test('an amavisd that is away is asked at least once a minute', () => {
  const waits = attempts.map(count =>
    waitAfter({ state: 'queued', code: 'AMAVISD_UNREACHABLE', attempts: count }),
  )
  expect(waits.slice(0, 6)).toEqual([5, 10, 20, 40, 60, 60].map(seconds => seconds * SECOND))
  expect(Math.max(...waits.map(Number))).toBe(MINUTE)
})

test('jitter shortens a wait by up to half', () => {
  const deferred: Attempt = { state: 'queued', code: 'AMAVISD_DEFERRED', attempts: 2 }
  expect(waitAfter(deferred, () => 0.5)).toBe(7.5 * SECOND)
  expect(waitAfter(deferred, () => 1 - Number.EPSILON)).toBe(5 * SECOND)
})

test('after a release msgrcpt.rs is due in 30 seconds; after a failure nothing is', () => {
  expect(waitAfter({ state: 'released', code: null, attempts: 3 })).toBe(30 * SECOND)
  expect(waitAfter({ state: 'failed', code: 'AMAVISD_REFUSED', attempts: 3 })).toBeNull()
  expect(waitAfter({ state: 'uncertain', code: 'RELEASE_UNCERTAIN', attempts: 3 })).toBeNull()
})
