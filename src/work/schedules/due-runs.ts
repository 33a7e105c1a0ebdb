import type { Database } from '../../ground/database/database.ts'
import { DAY } from '../../ground/durations.ts'
import type { RunTable, StateTables } from '../../ground/state/state-tables.ts'
import type { ZoneInUse } from '../../rules/schedule/missed-runs.ts'
import { type DueRun, missedRuns, UnreadableSchedule } from '../../rules/schedule/missed-runs.ts'
import type { Schedule } from '../../rules/schedule/schedule.ts'
import type { LastDue } from '../../rules/time/last-due.ts'
import { zonesOfRun } from './run-zones.ts'

/** What a look at the schedules has found. */
export interface DueRuns {
  readonly due: readonly DueRun[]
  /** Missed for so long that the next run carries all. */
  readonly lapsed: readonly DueRun[]
  /** Schedules whose expression or time zone cannot be read, and why. */
  readonly unreadable: readonly { readonly schedule: Schedule; readonly reason: string }[]
}

export interface ScheduleSnapshot {
  readonly schedules: readonly Schedule[]
  /** Of the readers. */
  readonly zones: readonly ZoneInUse[]
  readonly now: number
  /** Milliseconds. */
  readonly grace: number
}

/**
 * Which runs are due, by the schedules' table and what has been made: of each schedule at most the latest one, within
 * `grace` of its time. The ones missed before it are in it, for a run takes all that waits. A schedule that goes by each
 * reader's own time zone is due at several times: each is a run of its own, for the zones in which it is that time.
 *
 * A run that has begun, or that a change of the schedule has kept, is due whatever the schedule's times are by now.
 */
export async function dueRuns(
  state: Database<StateTables>,
  lastDue: LastDue,
  at: ScheduleSnapshot,
): Promise<DueRuns> {
  const due: DueRun[] = []
  const lapsed: DueRun[] = []
  const unreadable: { schedule: Schedule; reason: string }[] = []
  const enabled = at.schedules.filter(one => one.enabled)
  const unfinished = await unfinishedSince(state, enabled, at)
  for (const schedule of enabled) {
    try {
      const missed = await missedRuns(schedule, at.zones, lastDue, at.now)
      for (const run of await open(state, schedule.name, missed, unfinished.get(schedule.name), at.now)) {
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

/** When the first run was due, within the grace, that is not finished: of each schedule that has one. */
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
 * Of these runs of one schedule and of those that are not finished, the ones that nobody has made, or is making; neither
 * one whose mail a later one took, or will take.
 *
 * @param unfinished since when there may be such
 */
async function open(
  state: Database<StateTables>,
  schedule: string,
  missed: readonly DueRun[],
  unfinished: number | undefined,
  now: number,
): Promise<readonly DueRun[]> {
  const first = missed[0]?.dueAt ?? unfinished
  if (first === undefined) return []
  const rows = await rowsSince(state, schedule, Math.min(first, unfinished ?? first))
  const bogus = rows.filter(row => row.dueAt > now + FORESEEN)
  if (bogus.length > 0) await forget(state, bogus)
  const past = rows.filter(row => row.dueAt <= now)
  const made = past.filter(row => row.finished_at !== null || Number(row.lease_until) > now)
  const left = past.filter(row => !made.includes(row) && row.dueAt >= (unfinished ?? now))
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

/** One run for each time: for the zones that are due then, and for those that it was for when it was begun. */
function merged(schedule: string, missed: readonly DueRun[], left: readonly Served[]): readonly DueRun[] {
  return [...Map.groupBy([...missed, ...left], one => one.dueAt)]
    .map(([dueAt, some]) => {
      const zones = some.map(one => one.timeZones)
      const timeZones = zones.includes(undefined)
        ? undefined
        : [...new Set(zones.flatMap(list => list ?? []))]
      return { schedule, dueAt, timeZones }
    })
    .sort((a, b) => a.dueAt - b.dueAt)
}

/** A run without the zones that a later one serves; none when nobody is left. */
function remainderOf(run: DueRun, all: readonly Served[]): readonly DueRun[] {
  const later = all.filter(({ dueAt }) => dueAt > run.dueAt)
  if (later.some(({ timeZones }) => timeZones === undefined)) return []
  if (run.timeZones === undefined) return [run]
  const served = new Set(later.flatMap(({ timeZones }) => timeZones ?? []))
  const timeZones = run.timeZones.filter(zone => !served.has(zone))
  return timeZones.length === 0 ? [] : [{ ...run, timeZones }]
}

/**
 * A run further ahead was made while the clock was wrong, and must not count as made when its time comes.
 * What is nearer stays as it is: after a small step back of the clock, what was made is not made again.
 */
const FORESEEN = 2 * DAY

/** They become runs of no schedule; their digests still refer to them. */
async function forget(
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
