import { MINUTE, SECOND } from '../../ground/durations.ts'
import type { LastDue } from '../time/last-due.ts'
import type { Schedule } from './schedule.ts'
import { isReadersOwn } from './schedule.ts'

/** A time zone that holds for some reader. */
export interface ZoneInUse {
  readonly timeZone: string
  /** Milliseconds since the epoch: nobody who has it now had it before. */
  readonly since: number
}

/** A run to be made now, by whichever process is the first to claim it. */
export interface DueRun {
  readonly schedule: string
  readonly dueAt: number
  /** The zones in which it is due then, of a schedule that goes by each reader's own; undefined: everybody's. */
  readonly timeZones?: readonly string[] | undefined
}

export class UnreadableSchedule extends Error {}

/**
 * The runs that were due last by a schedule's times, the oldest first, whether they have been made or not: of one that
 * goes by each reader's own time zone those of all zones.
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
    const from = Math.max(countsFrom(updatedAt, now), countsFrom(since, now) - UNSEEN)
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
  return [...Map.groupBy(missed, one => one.dueAt)]
    .map(([dueAt, some]) => ({ schedule: name, dueAt, timeZones: some.map(({ timeZone }) => timeZone) }))
    .sort((a, b) => a.dueAt - b.dueAt)
}

/** Nobody asked for what was due by these times before they were set. */
function countsFrom(changedAt: number, now: number): number {
  // Changed in the future: by a clock that was wrong then or is wrong now. Nothing is made up.
  return changedAt > now ? now - FRESH : changedAt
}

/** Some looks long. */
const FRESH = MINUTE

/**
 * Two looks long. Who gets another time zone just after a time must not lose what nobody has seen to be
 * due. (What was due by other times of the schedule is kept when these are changed.)
 */
const UNSEEN = 10 * SECOND

async function readable<T>(count: () => Promise<T>): Promise<T> {
  try {
    return await count()
  } catch (error) {
    throw new UnreadableSchedule(error instanceof Error ? error.message : String(error))
  }
}
