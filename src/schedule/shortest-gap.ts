import { CronExpressionParser } from 'cron-parser'
import type { Times } from './due-times.ts'
import { nextTimes } from './next-times.ts'

/**
 * Whether this is due twice within less than `gap` milliseconds, as far as the next times tell.
 *
 * @throws Error what cannot be read as a cron expression or a time zone
 */
export function isOftenerThan(gap: number, times: Times, now: number): boolean {
  if (!couldBe(gap, times.crons)) return false
  const next = nextTimes(times, now, LOOKED_AT)
  return next.some((time, index) => time - (next[index - 1] ?? Number.NEGATIVE_INFINITY) < gap)
}

/** A year of a daily one: to count them takes a tenth of a second. */
const LOOKED_AT = 400

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
