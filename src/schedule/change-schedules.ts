import { type Editor, requireAll } from '../admins/reach.ts'
import type { Database } from '../database/database.ts'
import type { StateTables } from '../database/state-tables.ts'
import { CodedError } from '../errors.ts'
import type { ReleasePolicies } from '../release/policy.ts'
import type { Filter } from './filter.ts'
import type { Schedule } from './schedules.ts'

export interface ScheduleDeps {
  readonly state: Database<StateTables>
  /** A kind whose policy is `never` is in no digest: no schedule has to carry it. */
  readonly policies: ReleasePolicies
  readonly clock: () => number
}

/** What is left out stays as it is; of a new schedule, it is the standard. */
export interface ScheduleChange {
  readonly crons?: readonly string[] | undefined
  /** IANA name, or `READERS_OWN`. */
  readonly timeZone?: string | undefined
  /** Null: all messages. */
  readonly filter?: Filter | null | undefined
  readonly minMessages?: number | undefined
  readonly sendsEmpty?: boolean | undefined
  /** Milliseconds. */
  readonly spread?: number | undefined
  readonly isOffered?: boolean | undefined
  /** Takes this from the schedule that has been the default. */
  readonly isDefault?: true | undefined
  readonly enabled?: boolean | undefined
}

export interface ChangedSchedule {
  readonly schedule: Schedule
  readonly created: boolean
  /** Sentences about what was done all the same. */
  readonly warnings: string[]
}

export interface RemoveScheduleOptions {
  /** The version that was looked at. */
  readonly expected?: number | undefined
  /** Whether it is removed although settings name it. */
  readonly evenIfUsed: boolean
}

export async function setSchedule(
  _deps: ScheduleDeps,
  by: Editor,
  name: string,
  _change: ScheduleChange,
  _expected?: number,
): Promise<ChangedSchedule> {
  requireAll(by.reach)
  throw new CodedError('SCHEDULE_UNKNOWN', name)
}

export async function removeSchedule(
  _deps: ScheduleDeps,
  by: Editor,
  name: string,
  _options: RemoveScheduleOptions,
): Promise<{ readonly fallenBack: number }> {
  requireAll(by.reach)
  throw new CodedError('SCHEDULE_UNKNOWN', name)
}
