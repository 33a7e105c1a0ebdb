import type { Database } from '../database/database.ts'
import type { RunTable, StateTables } from '../database/state-tables.ts'
import { lastDue } from './due-times.ts'
import type { Schedule } from './schedules.ts'

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
 * `grace` of its time. The ones missed before it are in it, for a run takes all that waits.
 */
export async function dueRuns(
  state: Database<StateTables>,
  schedules: readonly Schedule[],
  now: number,
  grace: number,
): Promise<DueRuns> {
  const due: DueRun[] = []
  const lapsed: DueRun[] = []
  const unreadable: { schedule: Schedule; reason: string }[] = []
  for (const schedule of schedules.filter(one => one.enabled)) {
    try {
      const dueAt = missedTime(schedule, now)
      if (dueAt === undefined || !(await isOpen(state, schedule.name, dueAt, now))) continue
      const inTime = now - dueAt <= grace
      ;(inTime ? due : lapsed).push({ schedule: schedule.name, dueAt })
    } catch (error) {
      if (!(error instanceof UnreadableSchedule)) throw error
      unreadable.push({ schedule, reason: error.message })
    }
  }
  return { due, lapsed, unreadable }
}

class UnreadableSchedule extends Error {}

/** The latest time at which it was due since it was last changed: nobody asked for what was before. */
function missedTime(schedule: Schedule, now: number): number | undefined {
  // Changed in the future: by a clock that was wrong then or is wrong now. Nothing is made up.
  const since = schedule.updatedAt > now ? now - FRESH : schedule.updatedAt
  try {
    const dueAt = lastDue(schedule, now)
    return dueAt !== undefined && dueAt > since ? dueAt : undefined
  } catch (error) {
    throw new UnreadableSchedule(error instanceof Error ? error.message : String(error))
  }
}

/** Milliseconds: some looks long. */
const FRESH = 60_000

/** Whether nobody has made this run, or a later one, and nobody is making it. */
async function isOpen(
  state: Database<StateTables>,
  schedule: string,
  dueAt: number,
  now: number,
): Promise<boolean> {
  const rows = await state.sql
    .selectFrom('digest_run')
    .select(['run_id', 'due_at', 'finished_at', 'lease_until'])
    .where('schedule', '=', schedule)
    .where('due_at', '>=', dueAt)
    .execute()
  const bogus = rows.filter(row => Number(row.due_at) > now + FORESEEN)
  if (bogus.length > 0) await forget(state, bogus)
  return !rows.some(
    row => Number(row.due_at) <= now && (row.finished_at !== null || Number(row.lease_until) > now),
  )
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
