import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/ground/durations.ts'
import { backOff } from '../../../src/ground/retry/back-off.ts'

test('each wait is twice as long as the last one, up to the longest', () => {
  const wait = (attempts: number) => backOff(attempts, 5, 30, () => 0)
  expect([1, 2, 3, 4, 5].map(wait)).toEqual([5, 10, 20, 30, 30])
})

test('attempts that failed together are spread over the second half of the wait', () => {
  const wait = (random: number) => backOff(3, 1_000, 15 * MINUTE, () => random)
  expect([0, 0.25, 0.5, 0.75, 0.999].map(wait)).toEqual([4_000, 3_500, 3_000, 2_500, 2_002])
})

test('the wait stays at its longest after any number of attempts', () => {
  expect(backOff(100_000, 5, 15 * MINUTE, () => 0)).toBe(15 * MINUTE)
})
