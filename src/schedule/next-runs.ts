import { CronExpressionParser } from 'cron-parser'
import type { Schedule } from './schedules.ts'

/** When each schedule that is on is due next, as ISO 8601 times by its name. */
export function nextRuns(schedules: readonly Schedule[], now: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    schedules
      .filter(schedule => schedule.enabled)
      .map(schedule => [schedule.name, new Date(nextDue(schedule, now)).toISOString()]),
  )
}

/** The next minute at which this schedule is due, in milliseconds since the epoch. */
function nextDue({ crons, timeZone }: Schedule, now: number): number {
  return Math.min(
    ...crons.map(cron =>
      CronExpressionParser.parse(cron, { currentDate: new Date(now), tz: timeZone })
        .next()
        .getTime(),
    ),
  )
}
