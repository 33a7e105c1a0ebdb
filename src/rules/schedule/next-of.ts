import { setImmediate } from 'node:timers/promises'
import { nextDue } from '../time/due-times.ts'
import type { Schedule } from './schedule.ts'
import { isReadersOwn } from './schedule.ts'

type Timing = Pick<Schedule, 'crons' | 'timeZone'>

/**
 * The first time after `now` at which a schedule is due for the readers of one time zone; undefined: never, or it cannot be
 * read.
 */
export function nextIn({ crons, timeZone }: Timing, readersZone: string, now: number): number | undefined {
  try {
    return nextDue({ crons, timeZone: isReadersOwn({ timeZone }) ? readersZone : timeZone }, now)
  } catch {
    // What somebody wrote into a row by hand.
    return undefined
  }
}

/** As `nextIn`, for the readers of any of these zones. In all the world's zones it takes a second, and holds up nobody. */
export async function nextOf(
  schedule: Timing,
  readersZones: readonly string[],
  now: number,
): Promise<number | undefined> {
  let first: number | undefined
  for (const zone of isReadersOwn(schedule) ? readersZones : [schedule.timeZone]) {
    const next = nextIn(schedule, zone, now)
    if (next !== undefined && !(first !== undefined && first <= next)) first = next
    await setImmediate()
  }
  return first
}
