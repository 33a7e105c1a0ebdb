import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startTicking } from '../../../src/doors/service/ticker.ts'
import { MINUTE } from '../../../src/ground/durations.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('it ticks every five seconds until it is stopped', async () => {
  vi.setSystemTime(new Date('2026-12-31T23:59:51.789Z'))
  const ticks: string[] = []
  const ticking = startTicking(() => ticks.push(timeOfDay()))
  await vi.advanceTimersByTimeAsync(19_000)
  expect(ticks).toEqual(['23:59:55', '00:00:00', '00:00:05', '00:00:10'])
  await ticking[Symbol.asyncDispose]()
  await vi.advanceTimersByTimeAsync(MINUTE)
  expect(ticks).toHaveLength(4)
  expect(vi.getTimerCount()).toBe(0)
})

test('it keeps ticking when the clock is put forward by any amount', async () => {
  vi.setSystemTime(new Date('1970-01-01T00:00:11Z'))
  const ticks: string[] = []
  await using _ticking = startTicking(() => ticks.push(timeOfDay()))
  await vi.advanceTimersByTimeAsync(5_000)
  vi.setSystemTime(new Date('2026-03-13T09:00:01Z'))
  await vi.advanceTimersByTimeAsync(15_000)
  expect(ticks).toEqual(['00:00:15', '09:00:05', '09:00:10', '09:00:15'])
})

const timeOfDay = (): string => new Date().toISOString().slice(11, 19)
