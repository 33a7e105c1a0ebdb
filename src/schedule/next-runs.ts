import type { Database } from '../database/database.ts'
import type { StateTables } from '../database/state-tables.ts'
import { nextDue } from './due-times.ts'
import { listSchedules, type Schedule } from './schedules.ts'
import { timesOf, zonesInUse } from './zones-in-use.ts'

/** When each schedule of the table that is on is due next, as ISO 8601 times by its name. */
export async function readNextRuns(
  state: Database<StateTables>,
  standardZone: string,
  now: number,
): Promise<Readonly<Record<string, string>>> {
  const { zones } = await zonesInUse(state, standardZone)
  const names = zones.map(({ timeZone }) => timeZone)
  return nextRuns(await listSchedules(state), names, now)
}

/**
 * As `readNextRuns` of these schedules. One that cannot be read is left out.
 *
 * @param readersZones in which a schedule that goes by each reader's own is due: the first of their times counts
 */
export function nextRuns(
  schedules: readonly Schedule[],
  readersZones: readonly string[],
  now: number,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    schedules
      .filter(schedule => schedule.enabled)
      .flatMap(schedule => {
        const next = nextOf(schedule, readersZones, now)
        return next === undefined ? [] : [[schedule.name, new Date(next).toISOString()]]
      }),
  )
}

function nextOf(schedule: Schedule, readersZones: readonly string[], now: number): number | undefined {
  try {
    const times = timesOf(schedule, readersZones).flatMap(one => nextDue(one, now) ?? [])
    return times.length === 0 ? undefined : Math.min(...times)
  } catch {
    return undefined
  }
}
