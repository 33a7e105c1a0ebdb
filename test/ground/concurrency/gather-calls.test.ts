import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { gatherCalls } from '../../../src/ground/concurrency/gather-calls.ts'
import { SECOND } from '../../../src/ground/durations.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('who asks for work gets it in a moment, together with others, and at most once in the time given', () => {
  const calls: number[] = []
  const ask = gatherCalls(SECOND, () => calls.push(performance.now()))
  const begun = performance.now()
  const askedAt = (times: readonly number[]) => {
    for (const time of times) setTimeout(ask, time)
    vi.advanceTimersByTime(10 * SECOND)
    return calls.splice(0).map(time => time - begun)
  }
  expect(askedAt([0, 1, 20, 100, 700, 5000])).toEqual([50, 1050, 5050])
})

test('nobody asks, and nothing is done', () => {
  const work = vi.fn()
  gatherCalls(SECOND, work)
  vi.advanceTimersByTime(10 * SECOND)
  expect(work).not.toHaveBeenCalled()
})
