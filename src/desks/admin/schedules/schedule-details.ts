import { type Reach, requireAll } from '../../../rules/reach/reach.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import type { ScheduleUsers } from '../../../work/schedules/schedule-users.ts'
import { listSchedules } from '../../../work/schedules/schedules.ts'
import { lossWarnings } from './coverage-warnings.ts'
import { type ScheduleUseDeps, schedulesUsers } from './schedule-use.ts'
import { scheduleWarnings } from './schedule-warnings.ts'

/** A schedule as shown to an admin who may change it. */
export interface ScheduleDetails {
  readonly schedule: Schedule
  /** Undefined when no settings name it. */
  readonly users: ScheduleUsers | undefined
  /** What an admin may not have meant, a sentence each. */
  readonly warnings: readonly string[]
}

/** A schedule as shown to an admin who is about to remove it. */
export interface RemovalDetails extends Omit<ScheduleDetails, 'warnings'> {
  /** The name of the default schedule: it takes over where nothing else is set. */
  readonly standard: string | undefined
  /** Which mail is never listed once the schedule is removed, a sentence each. */
  readonly warnings: readonly string[]
}

/**
 * Finds a schedule, with what an admin should know before changing it.
 *
 * @returns undefined when there is no schedule of this name
 * @throws CodedError OUT_OF_REACH
 */
export async function scheduleDetails(
  deps: ScheduleUseDeps,
  reach: Reach,
  name: string,
): Promise<ScheduleDetails | undefined> {
  requireAll(reach)
  const all = await listSchedules(deps.state)
  const schedule = all.find(other => other.name === name)
  if (!schedule) return undefined
  const users = (await schedulesUsers(deps, reach)).get(name)
  return { schedule, users, warnings: await scheduleWarnings(deps, schedule, all) }
}

/**
 * Finds a schedule, with what an admin should know before removing it.
 *
 * @returns undefined when there is no schedule of this name
 * @throws CodedError OUT_OF_REACH
 */
export async function removalDetails(
  deps: ScheduleUseDeps,
  reach: Reach,
  name: string,
): Promise<RemovalDetails | undefined> {
  requireAll(reach)
  const all = await listSchedules(deps.state)
  const schedule = all.find(other => other.name === name)
  if (!schedule) return undefined
  const others = all.filter(other => other.name !== name)
  return {
    schedule,
    users: (await schedulesUsers(deps, reach)).get(name),
    standard: all.find(other => other.isDefault)?.name,
    warnings: await lossWarnings(deps.state.sql, deps.policies, name, others),
  }
}
