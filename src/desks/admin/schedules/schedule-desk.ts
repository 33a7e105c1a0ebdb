import { type Reach, reachesAll, requireAll } from '../../../rules/reach/reach.ts'
import type { Times } from '../../../rules/time/due-times.ts'
import { nextTimes } from '../../../rules/time/next-times.ts'
import type { Standards } from '../../../work/settings/standards.ts'
import { given } from '../../given.ts'
import type { CalendarDeps } from './calendar.ts'
import { removeSchedule, type ScheduleDeps, setSchedule } from './change-schedules.ts'
import { comingRuns } from './coming-runs.ts'
import { keptCalendar } from './kept-calendar.ts'
import { readNextRuns } from './next-runs.ts'
import { removalDetails, scheduleDetails } from './schedule-details.ts'
import { schedulesUsers } from './schedule-use.ts'
import { schedulesWithin } from './schedules-within.ts'

export interface ScheduleDeskDeps extends ScheduleDeps, CalendarDeps {
  readonly standard: Standards
}

/** What admins do with schedules. */
export const scheduleDesk = (deps: ScheduleDeskDeps) => ({
  list: (reach: Reach) => schedulesWithin(deps.state, reach),
  set: given(deps, setSchedule),
  remove: given(deps, removeSchedule),
  users: given(deps, schedulesUsers),
  /** True for those who look after all domains, since schedules concern all of them. */
  mayChange: reachesAll,
  /** @throws CodedError OUT_OF_REACH unless `mayChange` */
  requireMayChange: requireAll,
  details: given(deps, scheduleDetails),
  removalDetails: given(deps, removalDetails),
  comingRuns: given(deps, comingRuns),
  /** When each schedule that is on, or `only` this one, is due next, as ISO 8601 times by name. */
  nextRuns: (reach: Reach, only?: string) =>
    readNextRuns(deps.state, deps.standard.timeZone, deps.clock(), reach, only),
  /** The next times after now. @throws Error when a cron expression or the time zone cannot be read */
  nextTimes: (times: Times, count: number) => nextTimes(times, deps.clock(), count),
  calendar: keptCalendar(deps),
})

export type ScheduleDesk = ReturnType<typeof scheduleDesk>
