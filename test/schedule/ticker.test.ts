import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Schedule } from '../../src/schedule/schedules.ts'
import { startTicker } from '../../src/schedule/ticker.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const HOUR = 3_600_000
const schedule = (fields: Partial<Schedule>): Schedule => ({
  name: 'daily',
  crons: ['0 6 * * *'],
  timeZone: 'UTC',
  isDefault: true,
  enabled: true,
  updatedAt: 0,
  ...fields,
})

/** What is due from one time on, for so many hours. */
async function dueDuring(from: string, hours: number, ...schedules: Schedule[]): Promise<string[]> {
  vi.setSystemTime(new Date(from))
  const due: string[] = []
  const ticker = startTicker(schedules, ({ name }, at) => due.push(`${name} ${new Date(at).toISOString()}`))
  await vi.advanceTimersByTimeAsync(hours * HOUR)
  await ticker[Symbol.asyncDispose]()
  await vi.advanceTimersByTimeAsync(48 * HOUR)
  return due
}

test('a schedule is due in its own time zone, at the whole minute, until it is stopped', async () => {
  const schedules = [
    schedule({ name: 'utc' }),
    schedule({ name: 'paris', timeZone: 'Europe/Paris' }),
    schedule({ name: 'kolkata', timeZone: 'Asia/Kolkata' }),
  ]
  expect(await dueDuring('2026-03-10T12:34:56.789Z', 24, ...schedules)).toEqual([
    'kolkata 2026-03-11T00:30:00.000Z',
    'paris 2026-03-11T05:00:00.000Z',
    'utc 2026-03-11T06:00:00.000Z',
  ])
})

test('each of several expressions counts; a schedule that is off does not', async () => {
  const schedules = [
    schedule({ crons: ['0 6 * * *', '30 17 * * 1-5'] }),
    schedule({ name: 'off', enabled: false }),
  ]
  expect(await dueDuring('2026-03-13T00:00:00Z', 48, ...schedules)).toEqual([
    'daily 2026-03-13T06:00:00.000Z',
    'daily 2026-03-13T17:30:00.000Z',
    'daily 2026-03-14T06:00:00.000Z',
  ])
})

test('the day keeps its hour when the clocks change', async () => {
  const paris = schedule({ timeZone: 'Europe/Paris' })
  expect(await dueDuring('2026-03-28T00:00:00Z', 48, paris)).toEqual([
    'daily 2026-03-28T05:00:00.000Z',
    'daily 2026-03-29T04:00:00.000Z',
  ])
})
