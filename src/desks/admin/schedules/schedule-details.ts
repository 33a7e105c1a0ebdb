import { type Reach, requireAll } from '../../../rules/reach/reach.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import type { ScheduleUsers } from '../../../work/schedules/schedule-users.ts'
import { listSchedules } from '../../../work/schedules/schedules.ts'
import { lossWarnings } from './coverage-warnings.ts'
import { type ScheduleUseDeps, schedulesUsers } from './schedule-use.ts'
import { scheduleWarnings } from './schedule-warnings.ts'

/** A schedule as somebody sees it who may change it. */
export interface ScheduleDetails {
  readonly schedule: Schedule
  /** Undefined when no settings name it. */
  readonly users: ScheduleUsers | undefined
  /** What may not have been meant, a sentence each. */
  readonly warnings: readonly string[]
}

/** A schedule that somebody is about to remove. */
export interface RemovalDetails extends Omit<ScheduleDetails, 'warnings'> {
  /** The name of the default schedule: it takes over where nothing else is set. */
  readonly standard: string | undefined
  /** What becomes of the mail of those whose settings name the schedule, a sentence each. */
  readonly warnings: readonly string[]
}

/**
 * A schedule with what matters to whoever changes it.
 *
 * @returns undefined: there is none of this name
 * @throws CodedError OUT_OF_REACH
 */
export async function scheduleDetails(
  deps: ScheduleUseDeps,
  reach: Reach,
  name: string,
): Promise<ScheduleDetails | undefined> {
  requireAll(reach)
  const all = await listSchedules(deps.state)
  const schedule = all.find(one => one.name === name)
  if (!schedule) return undefined
  const users = (await schedulesUsers(deps, reach)).get(name)
  return { schedule, users, warnings: await scheduleWarnings(deps, schedule, all) }
}

/**
 * A schedule with what matters to whoever removes it.
 *
 * @returns undefined: there is none of this name
 * @throws CodedError OUT_OF_REACH
 */
export async function removalDetails(
  deps: ScheduleUseDeps,
  reach: Reach,
  name: string,
): Promise<RemovalDetails | undefined> {
  requireAll(reach)
  const all = await listSchedules(deps.state)
  const schedule = all.find(one => one.name === name)
  if (!schedule) return undefined
  const others = all.filter(one => one.name !== name)
  return {
    schedule,
    users: (await schedulesUsers(deps, reach)).get(name),
    standard: all.find(one => one.isDefault)?.name,
    warnings: await lossWarnings(deps.state.sql, deps.policies, name, others),
  }
}
