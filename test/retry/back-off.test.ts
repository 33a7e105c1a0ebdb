import { expect, test } from 'vitest'
import { backOff } from '../../src/retry/back-off.ts'

test('each wait is twice as long as the last one, up to the longest', () => {
  expect([1, 2, 3, 4, 5].map(attempts => backOff(attempts, 5, 30))).toEqual([5, 10, 20, 30, 30])
})

test('however often it was tried, the wait is a number', () => {
  expect(backOff(100_000, 5, 900_000)).toBe(900_000)
})
