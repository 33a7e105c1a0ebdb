import { DAY } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { runsAhead } from '../../../rules/schedule/runs-ahead.ts'
import { zonesInUse } from '../../../work/schedules/zones-in-use.ts'
import { MOST_DAYS, MOST_RUNS } from './calendar-limits.ts'
import { type CarriedDeps, carriedNow } from './carried-now.ts'
import { emptyNow } from './empty-now.ts'
import { type CalendarRun, RunTally } from './run-tally.ts'
import { schedulesWithin } from './schedules-within.ts'

export interface CalendarDeps extends CarriedDeps {
  readonly clock: () => number
}

/**
 * Lists the runs of the next days for the schedules that are on, with what each would carry if it were made now.
 * A reader who has paused counts from the first run after the pause.
 *
 * @param reach decides which schedules are listed, and which readers are counted
 * @throws CodedError USAGE unless `days` is a whole number from 1 to 31
 */
export async function calendar(deps: CalendarDeps, reach: Reach, days: number): Promise<CalendarRun[]> {
  requireDays(days)
  const now = deps.clock()
  const schedules = await schedulesWithin(deps.state, reach)
  const { zones } = await zonesInUse(deps.state, deps.standard.timeZone, reach)
  const runs = await runsAhead(
    schedules.filter(schedule => schedule.enabled),
    zones.map(zone => zone.timeZone),
    { from: now, to: now + days * DAY, most: MOST_RUNS },
  )
  const tally = new RunTally(runs)
  if (runs.length > 0) {
    for await (const batch of carriedNow(deps, reach, schedules, now))
      batch.forEach(carried => void tally.add(carried))
    for await (const batch of emptyNow(deps, reach, schedules, now))
      batch.forEach(carried => void tally.add(carried))
  }
  return tally.calendar()
}

/** @throws CodedError USAGE unless it is a whole number from 1 to 31 */
export function requireDays(days: number): void {
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS) {
    throw new CodedError('USAGE', `Expected a number of days from 1 to ${MOST_DAYS}.`)
  }
}
