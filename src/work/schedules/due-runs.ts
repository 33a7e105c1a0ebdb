import type { Database } from '../../ground/database/database.ts'
import { DAY } from '../../ground/durations.ts'
import type { RunTable, StateTables } from '../../ground/state/state-tables.ts'
import type { ZoneInUse } from '../../rules/schedule/missed-runs.ts'
import { type DueRun, missedRuns, UnreadableSchedule } from '../../rules/schedule/missed-runs.ts'
import type { Schedule } from '../../rules/schedule/schedule.ts'
import type { LastDue } from '../../rules/time/last-due.ts'
import { zonesOfRun } from './run-zones.ts'

/** What a check of the schedules has found. */
export interface DueRuns {
  readonly due: readonly DueRun[]
  /** Runs that were missed for so long that they are not made up: the next run carries their mail. */
  readonly lapsed: readonly DueRun[]
  /** Schedules whose expression or time zone cannot be read, and the reason. */
  readonly unreadable: readonly { readonly schedule: Schedule; readonly reason: string }[]
}

export interface ScheduleSnapshot {
  readonly schedules: readonly Schedule[]
  /** The time zones of the readers. */
  readonly zones: readonly ZoneInUse[]
  readonly now: number
  /** Milliseconds. */
  readonly grace: number
}

/**
 * Finds the runs that are due, by the table of schedules and by the runs made so far. For each schedule it is at most
 * the latest run, within `grace` of its time. That run makes up for those missed before it, because a run takes all
 * pending items. A schedule that follows each reader's own time zone is due at several times: each of them is a run of
 * its own, for the time zones where it is due then.
 *
 * A run that has begun, or that was kept when the schedule changed, is due even if the schedule has other times now.
 */
export async function dueRuns(
  state: Database<StateTables>,
  lastDue: LastDue,
  at: ScheduleSnapshot,
): Promise<DueRuns> {
  const due: DueRun[] = []
  const lapsed: DueRun[] = []
  const unreadable: { schedule: Schedule; reason: string }[] = []
  const enabled = at.schedules.filter(schedule => schedule.enabled)
  const unfinished = await unfinishedSince(state, enabled, at)
  for (const schedule of enabled) {
    try {
      const missed = await missedRuns(schedule, at.zones, lastDue, at.now)
      for (const run of await openRuns(state, schedule.name, missed, unfinished.get(schedule.name), at.now)) {
        const inTime = at.now - run.dueAt <= at.grace
        ;(inTime ? due : lapsed).push(run)
      }
    } catch (error) {
      if (!(error instanceof UnreadableSchedule)) throw error
      unreadable.push({ schedule, reason: error.message })
    }
  }
  return { due, lapsed, unreadable }
}

/** By schedule, when its first unfinished run within the grace was due. Schedules without such a run are left out. */
async function unfinishedSince(
  state: Database<StateTables>,
  schedules: readonly Schedule[],
  { now, grace }: ScheduleSnapshot,
): Promise<ReadonlyMap<string, number>> {
  if (schedules.length === 0) return new Map()
  const names = schedules.map(({ name }) => name)
  const rows = await state.sql
    .selectFrom('digest_run')
    .select(({ fn }) => ['schedule', fn.min('due_at').as('first')])
    .where('schedule', 'in', names)
    .where('due_at', '>=', now - grace)
    .where('due_at', '<=', now)
    .where('finished_at', 'is', null)
    .groupBy('schedule')
    .execute()
  return new Map(rows.map(({ schedule, first }) => [schedule ?? '', Number(first)]))
}

type Row = Pick<RunTable, 'run_id' | 'due_at' | 'finished_at' | 'lease_until' | 'time_zones'>

/**
 * The runs of one schedule that are to be made: its missed runs and its unfinished ones, except those that a process
 * has made or is making, and those whose mail a later run took or will take.
 *
 * @param unfinishedSince when the first unfinished run was due; undefined when there is none
 */
async function openRuns(
  state: Database<StateTables>,
  schedule: string,
  missed: readonly DueRun[],
  unfinishedSince: number | undefined,
  now: number,
): Promise<readonly DueRun[]> {
  const first = missed[0]?.dueAt ?? unfinishedSince
  if (first === undefined) return []
  const rows = await rowsSince(state, schedule, Math.min(first, unfinishedSince ?? first))
  const bogus = rows.filter(row => row.dueAt > now + FARTHEST_AHEAD)
  if (bogus.length > 0) await detachFromSchedule(state, bogus)
  const past = rows.filter(row => row.dueAt <= now)
  const made = past.filter(row => row.finished_at !== null || Number(row.lease_until) > now)
  const left = past.filter(row => !made.includes(row) && row.dueAt >= (unfinishedSince ?? now))
  const candidates = merged(schedule, missed, left).filter(
    run => !made.some(({ dueAt }) => dueAt === run.dueAt),
  )
  return candidates.flatMap(run => remainderOf(run, [...made, ...candidates]))
}

async function rowsSince(state: Database<StateTables>, schedule: string, since: number) {
  const rows = await state.sql
    .selectFrom('digest_run')
    .select(['run_id', 'due_at', 'finished_at', 'lease_until', 'time_zones'])
    .where('schedule', '=', schedule)
    .where('due_at', '>=', since)
    .execute()
  return rows.map((row: Row) => ({
    ...row,
    dueAt: Number(row.due_at),
    timeZones: zonesOfRun(row.time_zones),
  }))
}

type Served = Pick<DueRun, 'dueAt' | 'timeZones'>

/**
 * Merges the runs of each time into one: for the zones that are due then, and for the zones of the run that was begun.
 */
function merged(schedule: string, missed: readonly DueRun[], left: readonly Served[]): readonly DueRun[] {
  return [...Map.groupBy([...missed, ...left], run => run.dueAt)]
    .map(([dueAt, runs]) => {
      const zones = runs.map(run => run.timeZones)
      const timeZones = zones.includes(undefined)
        ? undefined
        : [...new Set(zones.flatMap(list => list ?? []))]
      return { schedule, dueAt, timeZones }
    })
    .sort((a, b) => a.dueAt - b.dueAt)
}

/** The run without the zones that a later run serves; none when no zone is left. */
function remainderOf(run: DueRun, all: readonly Served[]): readonly DueRun[] {
  const later = all.filter(({ dueAt }) => dueAt > run.dueAt)
  if (later.some(({ timeZones }) => timeZones === undefined)) return []
  if (run.timeZones === undefined) return [run]
  const served = new Set(later.flatMap(({ timeZones }) => timeZones ?? []))
  const timeZones = run.timeZones.filter(zone => !served.has(zone))
  return timeZones.length === 0 ? [] : [{ ...run, timeZones }]
}

/**
 * A run farther ahead than this was made while the clock was wrong, and must not count as made when its time comes. A
 * run that is nearer stays as it is, so that it is not made again after the clock was put back a little.
 */
const FARTHEST_AHEAD = 2 * DAY

/** Takes the schedule off runs. The rows are kept, because their digests refer to them. */
async function detachFromSchedule(
  state: Database<StateTables>,
  rows: readonly Pick<RunTable, 'run_id'>[],
): Promise<void> {
  await state.sql
    .updateTable('digest_run')
    .set({ schedule: null })
    .where(
      'run_id',
      'in',
      rows.map(row => row.run_id),
    )
    .execute()
}
