import { CronExpressionParser } from 'cron-parser'
import type { Times } from './due-times.ts'
import { timesAfter } from './next-times.ts'

/**
 * Whether this is due twice within less than `gap` milliseconds, as far as the times of the next years tell.
 *
 * @throws Error what cannot be read as a cron expression or a time zone
 */
export function isOftenerThan(gap: number, times: Times, now: number): boolean {
  if (!couldBe(gap, times.crons)) return false
  let last = Number.NEGATIVE_INFINITY
  let count = 0
  for (const time of timesAfter(times, now)) {
    if (time - last < gap) return true
    last = time
    count += 1
    if (count >= LOOKED_AT || time > now + LOOKED_AHEAD) break
  }
  return false
}

/** A year of a daily one. Of the slowest expressions that there may be, it takes a fifth of a second. */
const LOOKED_AT = 400

/** Milliseconds: the days of the leap years come round within it, and rare ones are slow to find. */
const LOOKED_AHEAD = 1461 * 24 * 3_600_000

/** Whether there are such times of day at all, be it on different days: this costs nothing. */
function couldBe(gap: number, crons: readonly string[]): boolean {
  const minutes = [...new Set(crons.flatMap(minutesOf))].sort((a, b) => a - b)
  const first = minutes[0] ?? 0
  return [...minutes, first + DAY].some(
    (minute, index, all) => (minute - (all[index - 1] ?? Number.NEGATIVE_INFINITY)) * 60_000 < gap,
  )
}

/** Minutes. */
const DAY = 24 * 60

/** Of the day, at which an expression is due on some days. */
function minutesOf(cron: string): number[] {
  const { hour, minute } = CronExpressionParser.parse(cron, { tz: 'UTC' }).fields
  return hour.values.flatMap(hours => minute.values.map(minutes => hours * 60 + Number(minutes)))
}
