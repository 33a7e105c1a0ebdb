import { expect, test } from 'vitest'
import { nextTimes } from '../../src/schedule/next-times.ts'
import { isOftenerThan } from '../../src/schedule/shortest-gap.ts'
import { NOW } from '../embedded/clock.ts'

const MINUTES = 60_000
const times = (...crons: readonly string[]) => ({ crons, timeZone: 'Europe/Paris' })
const isOften = (...crons: readonly string[]) => isOftenerThan(5 * MINUTES, times(...crons), NOW)

test.each([
  [['* * * * *']],
  [['0,4 6 * * *']],
  [['0 6 * * 1', '3 6 1 * *']],
  [['59 23 * * 1', '1 0 * * 2']],
  [['0,1 0 29 2 *']],
])('%j comes twice within five minutes', crons => {
  expect(isOften(...crons)).toBe(true)
})

test.each([[['*/5 * * * *']], [['0 6 * * *', '30 6 * * *']], [['0 6 * * 1', '3 6 * * 2']]])(
  '%j does not',
  crons => {
    expect(isOften(...crons)).toBe(false)
  },
)

test('no more is counted than it takes to find two that are near', () => {
  const rare = times('0,1 0 29 2 *')
  const two = quickest(() => nextTimes(rare, NOW, 2))
  expect(quickest(() => isOftenerThan(5 * MINUTES, rare, NOW))).toBeLessThan(20 * two)
})

test('one of many expressions is counted on, not all of them for each time', () => {
  const rare = Array.from({ length: 20 }, (_, index) => `${index * 2} ${index} 29 2 *`)
  const first = quickest(() => nextTimes(times(...rare), NOW, 1))
  expect(quickest(() => nextTimes(times(...rare), NOW, 19))).toBeLessThan(6 * first)
})

function quickest(work: () => void): number {
  const spans = Array.from({ length: 3 }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  return Math.min(...spans)
}
