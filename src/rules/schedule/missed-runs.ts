import { MINUTE, SECOND } from '../../ground/durations.ts'
import type { LastDue } from '../time/last-due.ts'
import type { Schedule } from './schedule.ts'
import { isReadersOwn } from './schedule.ts'

/** A time zone that at least one reader uses. */
export interface ZoneInUse {
  readonly timeZone: string
  /** Since when, in milliseconds since the epoch: none of its present readers used it earlier. */
  readonly since: number
}

/** A run to be made now, by whichever process is the first to claim it. */
export interface DueRun {
  readonly schedule: string
  readonly dueAt: number
  /** The zones in which it is due then, if the schedule follows each reader's own zone. Undefined: for all readers. */
  readonly timeZones?: readonly string[] | undefined
}

export class UnreadableSchedule extends Error {}

/**
 * The most recent due run of a schedule, whether it has been made or not. A schedule that follows each reader's own
 * time zone has one for each moment at which it was last due in some zones, the oldest first.
 *
 * @throws UnreadableSchedule
 */
export async function missedRuns(
  schedule: Schedule,
  zones: readonly ZoneInUse[],
  lastDue: LastDue,
  now: number,
): Promise<DueRun[]> {
  const { name, crons, updatedAt } = schedule
  const missedTime = async (timeZone: string, since = 0) => {
    const from = Math.max(countsFrom(updatedAt, now), countsFrom(since, now) - TWO_CHECKS)
    const dueAt = await readable(() => lastDue({ crons, timeZone }, now))
    return dueAt !== undefined && dueAt > from ? dueAt : undefined
  }
  if (!isReadersOwn(schedule)) {
    const dueAt = await missedTime(schedule.timeZone)
    return dueAt === undefined ? [] : [{ schedule: name, dueAt }]
  }
  const missed: { dueAt: number; timeZone: string }[] = []
  for (const { timeZone, since } of zones) {
    const dueAt = await missedTime(timeZone, since)
    if (dueAt !== undefined) missed.push({ dueAt, timeZone })
  }
  return [...Map.groupBy(missed, run => run.dueAt)]
    .map(([dueAt, runs]) => ({ schedule: name, dueAt, timeZones: runs.map(({ timeZone }) => timeZone) }))
    .sort((a, b) => a.dueAt - b.dueAt)
}

/** The moment from which times or a zone count: nobody asked for runs before they were set. */
function countsFrom(changedAt: number, now: number): number {
  // A change in the future means that a clock was wrong then or is wrong now. Older runs are not made up for.
  return changedAt > now ? now - SEVERAL_CHECKS : changedAt
}

/** Schedules are checked every few seconds. */
const SEVERAL_CHECKS = MINUTE

/**
 * A reader whose time zone changes just after a due time must not lose a run that no check has seen yet. (When the
 * times of a schedule change, the runs that were already due are kept.)
 */
const TWO_CHECKS = 10 * SECOND

async function readable<T>(calculate: () => Promise<T>): Promise<T> {
  try {
    return await calculate()
  } catch (error) {
    throw new UnreadableSchedule(error instanceof Error ? error.message : String(error))
  }
}
