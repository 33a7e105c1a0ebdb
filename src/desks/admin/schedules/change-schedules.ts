import type { Kysely } from 'kysely'
import { recordAudit } from '../../../ground/audit/record.ts'
import { plainCron } from '../../../ground/cron/cron-fault.ts'
import type { Database } from '../../../ground/database/database.ts'
import { displayText } from '../../../ground/display/text.ts'
import { CodedError } from '../../../ground/errors.ts'
import { timeZoneName } from '../../../ground/i18n/time-zone-name.ts'
import { inTurn } from '../../../ground/state/in-turn.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { ReleasePolicies } from '../../../rules/policy/policy.ts'
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

export interface ScheduleDeps {
  readonly state: Database<StateTables>
  /** A kind whose policy is `never` is in no digest: no schedule has to carry it. */
  readonly policies: ReleasePolicies
  /** How long the quarantine keeps mail, in milliseconds. */
  readonly retention: number
  /** Of the readers for whom nobody has set one. */
  readonly standard: { readonly timeZone: string }
  readonly clock: () => number
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

export interface RemovedSchedule {
  /** How many settings named it. */
  readonly fallenBack: number
  /** Sentences about what was done all the same. */
  readonly warnings: string[]
}

/**
 * Makes or changes a schedule. Whoever was looking at a version that is not the newest any more is told, and nothing
 * is overwritten. There is one default always: who becomes it takes it from the one before.
 *
 * @param expected the version that was looked at; 0: none, it is to be a new one; undefined: whichever there is
 * @throws CodedError SCHEDULE_INVALID (with all faults), OUT_OF_REACH
 * @throws ScheduleConflict; it says whether the same change was sent twice
 */
export async function setSchedule(
  deps: ScheduleDeps,
  by: Editor,
  name: string,
  change: ScheduleChange,
  expected?: number,
): Promise<ChangedSchedule> {
  requireAll(by.reach)
  requireFaultless(name, change)
  const now = deps.clock()
  const { schedule, created, all } = await inTurn(deps.state, 'changing-schedules', async sql => {
    const all = await listSchedules({ sql })
    const before = all.find(one => one.name === name)
    await requireVersion(
      sql,
      { name, before, expected, now },
      changedBy => changedBy === by.actor.name && isDone(before, change, now),
    )
    const after = changed(before, before ?? freshSchedule(name, change, all), change, now)
    // Changed parts of a filter may not fit what is left of the old one.
    requireFaultless(name, { filter: after.filter })
    const detail = changesText(before, after)
    if (before !== undefined && detail === '') return { schedule: before, created: false, all }
    const others = all.filter(one => one.name !== name)
    for (const other of after.isDefault ? await endOtherDefaults(sql, others) : []) {
      const loss = changesText(other, { ...other, isDefault: false })
      await audit(sql, by, 'changed', `${other.name}: ${loss}`, now)
    }
    await settleRuns(deps, sql, before, after, now)
    await writeSchedule(deps.state, sql, after)
    await audit(sql, by, before ? 'changed' : 'made', `${name}: ${detail}`, now)
    return { schedule: after, created: before === undefined, all: [...others, after] }
  })
  return { schedule, created, warnings: await scheduleWarnings(deps, schedule, all) }
}

/**
 * Removes a schedule. Readers whose settings name it get the other ones that these name, or the default one.
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
    const before = all.find(one => one.name === name)
    await requireVersion(sql, { name, before, expected, now })
    if (before === undefined) throw unknownSchedule(name, all)
    if (before.isDefault) throw new CodedError('SCHEDULE_INVALID', IS_DEFAULT(name))
    const users = await scheduleUsers(sql, name)
    const fallenBack = countUsers(users)
    const others = all.filter(one => one.name !== name)
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

/** Whether a schedule is already what a change makes of it. */
const isDone = (schedule: Schedule | undefined, change: ScheduleChange, now: number): boolean =>
  schedule !== undefined && changesText(schedule, changed(schedule, schedule, change, now)) === ''

/** What was due by the old times is still made, once it is on; a new one makes nothing up. */
async function settleRuns(
  { state, standard }: ScheduleDeps,
  sql: Kysely<StateTables>,
  before: Schedule | undefined,
  after: Schedule,
  now: number,
): Promise<void> {
  if (before === undefined) return endUnfinishedRuns(sql, after.name)
  if (isOtherwiseDue(before, after)) {
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

const IN_USE = (name: string, users: ScheduleUsers) =>
  `The schedule ${name} is used by ${usersText(users)}. When it is removed, they get their other schedules, or the default one.`

function requireFaultless(name: string, change: ScheduleChange): void {
  const faults = scheduleFaults(name, change)
  if (faults.length > 0) throw new CodedError('SCHEDULE_INVALID', faults.join('\n'))
}

function unknownSchedule(name: string, all: readonly Schedule[]): CodedError {
  const names = all.map(one => one.name).join(', ')
  return new CodedError(
    'SCHEDULE_UNKNOWN',
    `There is no schedule ${displayText(name, 64)}. There are: ${names}.`,
  )
}

/** The schedule as it shall be. @param base as it is, or what a new one begins with */
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
    isDefault: change.isDefault ?? base.isDefault,
    enabled: change.enabled ?? base.enabled,
    filter: filterAfter(base, change),
    minMessages: change.minMessages ?? base.minMessages,
    sendsEmpty: change.sendsEmpty ?? base.sendsEmpty,
    spread: change.spread ?? base.spread,
    isOffered: change.isOffered ?? base.isOffered,
    version: before ? before.version + 1 : firstVersion(),
    updatedAt: base.updatedAt,
  }
  return isOtherwiseDue(before, after) ? { ...after, updatedAt: now } : after
}

function filterAfter(base: Schedule, { filter, filterParts }: ScheduleChange): Filter | undefined {
  if (filterParts) return withParts(base.filter, filterParts)
  return filter === undefined ? base.filter : (filter ?? undefined)
}

const zoneOf = ({ timeZone }: ScheduleChange): string | undefined =>
  timeZone === undefined || timeZone === READERS_OWN ? timeZone : timeZoneName(timeZone)

/** What the table says of it decides about runs that are due: other changes leave them alone. */
const isOtherwiseDue = (before: Schedule | undefined, after: Schedule): boolean =>
  before === undefined || timing(before) !== timing(after)

const timing = ({ crons, timeZone, enabled }: Schedule): string => JSON.stringify([crons, timeZone, enabled])

function freshSchedule(name: string, { crons }: ScheduleChange, all: readonly Schedule[]): Schedule {
  if (crons === undefined) {
    throw new CodedError(
      'SCHEDULE_INVALID',
      `There is no schedule ${name} yet: a new one needs a cron expression.`,
    )
  }
  const standard = all.find(one => one.isDefault)
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
