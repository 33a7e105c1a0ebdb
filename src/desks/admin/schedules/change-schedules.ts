import type { Kysely } from 'kysely'
import type { Retention } from '../../../ground/amavis/retention.ts'
import { recordAudit } from '../../../ground/audit/record.ts'
import { plainCron } from '../../../ground/cron/cron-fault.ts'
import type { Database } from '../../../ground/database/database.ts'
import { displayText } from '../../../ground/display/text.ts'
import { CodedError } from '../../../ground/errors.ts'
import { timeZoneName } from '../../../ground/i18n/time-zone-name.ts'
import { inTurn } from '../../../ground/state/in-turn.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Policies } from '../../../rules/policy/policy.ts'
import { type Editor, requireAll } from '../../../rules/reach/reach.ts'
import { changesText } from '../../../rules/schedule/change-text.ts'
import { type Filter, withParts } from '../../../rules/schedule/filter.ts'
import { READERS_OWN, type Schedule } from '../../../rules/schedule/schedule.ts'
import type { ScheduleChange } from '../../../rules/schedule/schedule-change.ts'
import { scheduleFaults } from '../../../rules/schedule/schedule-faults.ts'
import { endUnfinishedRuns, keepOwedRuns } from '../../../work/schedules/keep-owed-runs.ts'
import {
  countUsers,
  type ScheduleUsers,
  scheduleUsers,
  usersText,
} from '../../../work/schedules/schedule-users.ts'
import { listSchedules } from '../../../work/schedules/schedules.ts'
import { endOtherDefaults, writeSchedule } from '../../../work/schedules/write-schedule.ts'
import { firstVersion } from '../../../work/settings/write-settings.ts'
import { lossWarnings } from './coverage-warnings.ts'
import { forgetSchedule } from './forget-schedule.ts'
import { requireVersion } from './schedule-version.ts'
import { scheduleWarnings } from './schedule-warnings.ts'
import { schedulesWithin } from './schedules-within.ts'

export interface ScheduleDeps {
  readonly state: Database<StateTables>
  /** No digest lists a kind whose policy is `never`, so no schedule has to carry it. */
  readonly policies: Policies
  readonly retention: Retention
  /** Holds for readers for whom no time zone is set. */
  readonly standard: { readonly timeZone: string }
  readonly clock: () => number
}

export interface ChangedSchedule {
  readonly schedule: Schedule
  readonly created: boolean
  /** Warnings, one sentence each. They did not prevent the change. */
  readonly warnings: string[]
}

export interface SetScheduleOptions {
  /** The version that the admin saw; 0: the schedule must be new; undefined: any. */
  readonly expected?: number | undefined
  /** Changes a schedule only, and makes none. */
  readonly mustExist?: boolean | undefined
}

export interface RemoveScheduleOptions {
  /** The version that the admin saw; undefined: any. */
  readonly expected?: number | undefined
  /** Removes the schedule even if settings name it. */
  readonly evenIfUsed: boolean
}

export interface RemovedSchedule {
  /** How many settings named it, and now fall back on other schedules. */
  readonly fallenBack: number
  /** Warnings, one sentence each. They did not prevent the change. */
  readonly warnings: string[]
}

/**
 * Makes or changes a schedule. A change that is based on an outdated version is refused, and nothing is overwritten.
 * There is always exactly one default: when a schedule becomes the default, the previous one stops being it.
 *
 * @throws CodedError SCHEDULE_INVALID (with all faults), OUT_OF_REACH; SCHEDULE_UNKNOWN when it must exist
 * @throws ScheduleConflict, which tells whether the same change was sent twice
 */
export async function setSchedule(
  deps: ScheduleDeps,
  by: Editor,
  name: string,
  change: ScheduleChange,
  { expected, mustExist = false }: SetScheduleOptions = {},
): Promise<ChangedSchedule> {
  // First of all, so that a refusal does not tell that a schedule exists which does not concern this admin.
  if (mustExist) requireKnown(name, await schedulesWithin(deps.state, by.reach))
  requireAll(by.reach)
  requireFaultless(name, change)
  const now = deps.clock()
  const { schedule, created, all } = await inTurn(deps.state, 'changing-schedules', async sql => {
    const all = await listSchedules({ sql })
    if (mustExist) requireKnown(name, all)
    const before = all.find(schedule => schedule.name === name)
    if (before?.isDefault && change.isDefault === false) {
      throw new CodedError('SCHEDULE_INVALID', STAYS_DEFAULT(name))
    }
    await requireVersion(
      sql,
      { name, before, expected, now },
      changedBy => changedBy === by.actor.name && isDone(before, change, now),
    )
    const after = changed(before, before ?? freshSchedule(name, change, all), change, now)
    // The changed parts of a filter may contradict its unchanged parts.
    requireFaultless(name, { filter: after.filter })
    const detail = changesText(before, after)
    if (before !== undefined && detail === '') return { schedule: before, created: false, all }
    const others = all.filter(schedule => schedule.name !== name)
    for (const other of after.isDefault ? await endOtherDefaults(sql, others) : []) {
      const detail = changesText(other, { ...other, isDefault: false })
      await audit(sql, by, 'changed', `${other.name}: ${detail}`, now)
    }
    await settleRuns(deps, sql, before, after, now)
    await writeSchedule(deps.state, sql, after)
    await audit(sql, by, before ? 'changed' : 'made', `${name}: ${detail}`, now)
    return { schedule: after, created: before === undefined, all: [...others, after] }
  })
  return { schedule, created, warnings: await scheduleWarnings(deps, schedule, all) }
}

/**
 * Removes a schedule. Readers whose settings name it keep the other schedules that these settings name, or else get the
 * default one.
 *
 * @throws CodedError SCHEDULE_UNKNOWN, SCHEDULE_IN_USE, SCHEDULE_INVALID (the default one), EDIT_CONFLICT, OUT_OF_REACH
 */
export async function removeSchedule(
  deps: ScheduleDeps,
  by: Editor,
  name: string,
  { expected, evenIfUsed }: RemoveScheduleOptions,
): Promise<RemovedSchedule> {
  requireAll(by.reach)
  const now = deps.clock()
  return inTurn(deps.state, 'changing-schedules', async sql => {
    const all = await listSchedules({ sql })
    const before = all.find(schedule => schedule.name === name)
    await requireVersion(sql, { name, before, expected, now })
    if (before === undefined) throw unknownSchedule(name, all)
    if (before.isDefault) throw new CodedError('SCHEDULE_INVALID', IS_DEFAULT(name))
    const users = await scheduleUsers(sql, name)
    const fallenBack = countUsers(users)
    const others = all.filter(schedule => schedule.name !== name)
    const warnings = await lossWarnings(sql, deps.policies, name, others)
    if (fallenBack > 0 && !evenIfUsed) {
      throw new CodedError('SCHEDULE_IN_USE', [IN_USE(name, users), ...warnings].join(' '))
    }
    await sql.deleteFrom('digest_schedule').where('name', '=', name).execute()
    await forgetSchedule(sql, name, now)
    const detail = `${name}: ${changesText(undefined, before)}; used by ${usersText(users) || 'nobody'}`
    await audit(sql, by, 'removed', detail, now)
    return { fallenBack, warnings }
  })
}

/** True when the change would change nothing. */
const isDone = (schedule: Schedule | undefined, change: ScheduleChange, now: number): boolean =>
  schedule !== undefined && changesText(schedule, changed(schedule, schedule, change, now)) === ''

/** Runs that were due by the old times are still made once the schedule is on. A new schedule makes up no runs. */
async function settleRuns(
  { state, standard }: ScheduleDeps,
  sql: Kysely<StateTables>,
  before: Schedule | undefined,
  after: Schedule,
  now: number,
): Promise<void> {
  if (before === undefined) return endUnfinishedRuns(sql, after.name)
  if (changesTiming(before, after)) {
    await keepOwedRuns({ state, sql, standardZone: standard.timeZone }, before, now)
  }
}

const audit = (
  sql: Kysely<StateTables>,
  { actor }: Editor,
  outcome: 'made' | 'changed' | 'removed',
  detail: string,
  now: number,
): Promise<void> => {
  const action = outcome === 'removed' ? 'schedule-remove' : 'schedule-set'
  return recordAudit({ sql }, { actor, action, outcome, detail }, now)
}

const IS_DEFAULT = (name: string) =>
  `${name} is the default schedule: make another one the default first, then remove it.`

const STAYS_DEFAULT = (name: string) =>
  `${name} is the default schedule. Make another one the default instead.`

const IN_USE = (name: string, users: ScheduleUsers) =>
  `The schedule ${name} is used by ${usersText(users)}. When it is removed, they get their other schedules, or the default one.`

function requireFaultless(name: string, change: ScheduleChange): void {
  const faults = scheduleFaults(name, change)
  if (faults.length > 0) throw new CodedError('SCHEDULE_INVALID', faults.join('\n'))
}

function requireKnown(name: string, all: readonly Schedule[]): void {
  if (!all.some(schedule => schedule.name === name)) throw unknownSchedule(name, all)
}

function unknownSchedule(name: string, all: readonly Schedule[]): CodedError {
  const names = all.map(schedule => schedule.name).join(', ')
  return new CodedError(
    'SCHEDULE_UNKNOWN',
    `There is no schedule ${displayText(name, 64)}. There are: ${names}.`,
  )
}

/** The schedule with the change applied. @param base the schedule as it is, or the values of a new one */
function changed(
  before: Schedule | undefined,
  base: Schedule,
  change: ScheduleChange,
  now: number,
): Schedule {
  const after: Schedule = {
    name: base.name,
    crons: change.crons?.map(plainCron) ?? base.crons,
    timeZone: zoneOf(change) ?? base.timeZone,
    // A schedule that is made when there is no default is the default, whatever the change says.
    isDefault: change.isDefault || base.isDefault,
    enabled: change.enabled ?? base.enabled,
    filter: filterAfter(base, change),
    minMessages: change.minMessages ?? base.minMessages,
    sendsEmpty: change.sendsEmpty ?? base.sendsEmpty,
    spread: change.spread ?? base.spread,
    isOffered: change.isOffered ?? base.isOffered,
    version: before ? before.version + 1 : firstVersion(),
    updatedAt: base.updatedAt,
  }
  return changesTiming(before, after) ? { ...after, updatedAt: now } : after
}

function filterAfter(base: Schedule, { filter, filterParts }: ScheduleChange): Filter | undefined {
  if (filterParts) return withParts(base.filter, filterParts)
  return filter === undefined ? base.filter : (filter ?? undefined)
}

const zoneOf = ({ timeZone }: ScheduleChange): string | undefined =>
  timeZone === undefined || timeZone === READERS_OWN ? timeZone : timeZoneName(timeZone)

/** Runs that are due depend on the times, the zone and the switch alone: other changes leave them untouched. */
const changesTiming = (before: Schedule | undefined, after: Schedule): boolean =>
  before === undefined || timing(before) !== timing(after)

const timing = ({ crons, timeZone, enabled }: Schedule): string => JSON.stringify([crons, timeZone, enabled])

function freshSchedule(name: string, { crons }: ScheduleChange, all: readonly Schedule[]): Schedule {
  if (crons === undefined) {
    throw new CodedError(
      'SCHEDULE_INVALID',
      `There is no schedule ${name} yet: a new one needs a cron expression.`,
    )
  }
  const standard = all.find(schedule => schedule.isDefault)
  return {
    name,
    crons,
    timeZone: standard?.timeZone ?? 'UTC',
    isDefault: standard === undefined,
    enabled: true,
    filter: undefined,
    minMessages: 1,
    sendsEmpty: false,
    spread: 0,
    isOffered: false,
    version: 0,
    updatedAt: 0,
  }
}
