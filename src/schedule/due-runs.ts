import type { Database } from '../database/database.ts'
import type { RunTable, StateTables } from '../database/state-tables.ts'
import { lastDue, type Times } from './due-times.ts'
import type { Schedule } from './schedules.ts'
import { isReadersOwn, type ZoneInUse } from './zones-in-use.ts'

/** A run to be made now, by whichever process is the first to claim it. */
export interface DueRun {
  readonly schedule: string
  readonly dueAt: number
  /** The zones in which it is due then, of a schedule that goes by each reader's own; undefined: everybody's. */
  readonly timeZones?: readonly string[] | undefined
}

/** What a look at the schedules has found. */
export interface DueRuns {
  readonly due: readonly DueRun[]
  /** Missed for so long that the next run carries all. */
  readonly lapsed: readonly DueRun[]
  /** Schedules whose expression or time zone cannot be read, and why. */
  readonly unreadable: readonly { readonly schedule: Schedule; readonly reason: string }[]
}

/**
 * Which runs are due, by the schedules' table and what has been made: of each schedule at most the latest one, within
 * `grace` of its time. The ones missed before it are in it, for a run takes all that waits. A schedule that goes by each
 * reader's own time zone is due at several times: each is a run of its own, for the zones in which it is that time.
 *
 * @param zones of the readers
 */
export async function dueRuns(
  state: Database<StateTables>,
  schedules: readonly Schedule[],
  zones: readonly ZoneInUse[],
  now: number,
  grace: number,
): Promise<DueRuns> {
  const due: DueRun[] = []
  const lapsed: DueRun[] = []
  const unreadable: { schedule: Schedule; reason: string }[] = []
  for (const schedule of schedules.filter(one => one.enabled)) {
    try {
      for (const run of await open(state, missedRuns(schedule, zones, now), now)) {
        const inTime = now - run.dueAt <= grace
        ;(inTime ? due : lapsed).push(run)
      }
    } catch (error) {
      if (!(error instanceof UnreadableSchedule)) throw error
      unreadable.push({ schedule, reason: error.message })
    }
  }
  return { due, lapsed, unreadable }
}

class UnreadableSchedule extends Error {}

/** The runs that were due last, the oldest first. */
function missedRuns(schedule: Schedule, zones: readonly ZoneInUse[], now: number): readonly DueRun[] {
  const { name, updatedAt } = schedule
  if (!isReadersOwn(schedule)) {
    const dueAt = missedTime(schedule, updatedAt, now)
    return dueAt === undefined ? [] : [{ schedule: name, dueAt }]
  }
  const missed = zones.flatMap(({ timeZone, since }) => {
    const times = { crons: schedule.crons, timeZone }
    const dueAt = missedTime(times, Math.max(updatedAt, since), now)
    return dueAt === undefined ? [] : [{ dueAt, timeZone }]
  })
  return [...Map.groupBy(missed, one => one.dueAt)]
    .map(([dueAt, some]) => ({ schedule: name, dueAt, timeZones: some.map(({ timeZone }) => timeZone) }))
    .sort((a, b) => a.dueAt - b.dueAt)
}

/** The latest time at which it was due since it was last changed: nobody asked for what was before. */
function missedTime(times: Times, changedAt: number, now: number): number | undefined {
  // Changed in the future: by a clock that was wrong then or is wrong now. Nothing is made up.
  const since = changedAt > now ? now - FRESH : changedAt - UNSEEN
  try {
    const dueAt = lastDue(times, now)
    return dueAt !== undefined && dueAt > since ? dueAt : undefined
  } catch (error) {
    throw new UnreadableSchedule(error instanceof Error ? error.message : String(error))
  }
}

/** Milliseconds: some looks long. */
const FRESH = 60_000

/** Milliseconds: two looks long. A change that comes just after a time must not lose what nobody has seen to be due. */
const UNSEEN = 10_000

/** Of these runs of one schedule, those that nobody has made, or is making; neither one that took their mail with it. */
async function open(
  state: Database<StateTables>,
  missed: readonly DueRun[],
  now: number,
): Promise<readonly DueRun[]> {
  const [first] = missed
  if (!first) return []
  const rows = await state.sql
    .selectFrom('digest_run')
    .select(['run_id', 'due_at', 'finished_at', 'lease_until'])
    .where('schedule', '=', first.schedule)
    .where('due_at', '>=', first.dueAt)
    .execute()
  const bogus = rows.filter(row => Number(row.due_at) > now + FORESEEN)
  if (bogus.length > 0) await forget(state, bogus)
  const made = rows
    .filter(row => row.finished_at !== null || Number(row.lease_until) > now)
    .map(row => Number(row.due_at))
    .filter(dueAt => dueAt <= now)
  // A later run may have been another zone's.
  return missed.filter(run => !made.some(at => (run.timeZones ? at === run.dueAt : at >= run.dueAt)))
}

/**
 * Milliseconds. A run further ahead was made while the clock was wrong, and must not count as made when its time comes.
 * What is nearer stays as it is: after a small step back of the clock, what was made is not made again.
 */
const FORESEEN = 2 * 24 * 3_600_000

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
