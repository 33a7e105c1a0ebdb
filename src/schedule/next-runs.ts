import { nextDue } from './due-times.ts'
import type { Schedule } from './schedules.ts'

/** When each schedule that is on is due next, as ISO 8601 times by its name. One that cannot be read is left out. */
export function nextRuns(schedules: readonly Schedule[], now: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    schedules
      .filter(schedule => schedule.enabled)
      .flatMap(schedule => {
        const next = nextOf(schedule, now)
        return next === undefined ? [] : [[schedule.name, new Date(next).toISOString()]]
      }),
  )
}

function nextOf(schedule: Schedule, now: number): number | undefined {
  try {
    return nextDue(schedule, now)
  } catch {
    return undefined
  }
}
