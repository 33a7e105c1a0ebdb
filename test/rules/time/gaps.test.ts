import { expect, test } from 'vitest'
import { DAY, MINUTE } from '../../../src/ground/durations.ts'
import { gapsOf } from '../../../src/rules/time/gaps.ts'
import { NOW } from '../../embedded/clock.ts'

test.each<[string[], number]>([
  [['* * * * *'], 1],
  [['*/5 * * * *'], 5],
  [['0,4 6 * * *'], 4],
  [['0 6 * * *', '30 6 * * *'], 30],
  [['0 6 * * 1', '3 6 1 * *'], 3],
  [['59 23 * * 1', '1 0 * * 2'], 2],
  [['59 23 * * 1', '3 0 * * 3'], 1444],
  [['0,1 0 29 2 *'], 1],
  [['0 * * * *', '3 12 20 * *'], 3],
  [['*/30 * * * *', '3 12 6 3 *'], 3],
  [['0 6 29 2 *', '3 6 * * 2'], 3],
  [['0 6 1 * *', '3 6 2 * *'], 1443],
])('consecutive times of %j are at least %d minutes apart', (crons, minutes) => {
  expect(gapsOf(crons, NOW).shortest).toBe(minutes * MINUTE)
})

test.each<[string[], number]>([
  [['0 6 * * *'], 1],
  [['0 6 * * 1-5'], 3],
  [['0 6 1 * *'], 31],
  [['0 6 1 * *', '0 6 15 * *'], 17],
  [['0 6 1 */2 *'], 62],
  [['0 6 1 1 *'], 366],
])('consecutive times of %j are at most %d days apart', (crons, days) => {
  expect(gapsOf(crons, NOW).longest).toBe(days * DAY)
})

test('an expression that is due once in four years, or never, has a very long gap', () => {
  expect(gapsOf(['0 6 29 2 *'], NOW).longest).toBeGreaterThan(2 * 365 * DAY)
  expect(gapsOf(['0 6 31 2 1#5'], NOW).longest).toBeGreaterThan(365 * DAY)
  expect(() => gapsOf(['0 6 * * wednesnoon'], NOW)).toThrow()
})
