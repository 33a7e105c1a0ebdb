import type { Database } from '../../../ground/database/database.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { nextDueInAnyZone } from '../../../rules/schedule/next-of.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { zonesInUse } from '../../../work/schedules/zones-in-use.ts'
import { schedulesWithin } from './schedules-within.ts'

/**
 * Reads when each schedule that is on is due next, as ISO 8601 times by name.
 *
 * @param reach decides which schedules are read, and whose time zones count where a schedule goes by its readers'
 * @param only the name of the one schedule that is wanted; undefined: all
 */
export async function readNextRuns(
  state: Database<StateTables>,
  standardZone: string,
  now: number,
  reach?: Reach,
  only?: string,
): Promise<Readonly<Record<string, string>>> {
  const { zones } = await zonesInUse(state, standardZone, reach)
  const zoneNames = zones.map(({ timeZone }) => timeZone)
  const all = await schedulesWithin(state, reach)
  const wanted = only === undefined ? all : all.filter(({ name }) => name === only)
  return nextRuns(wanted, zoneNames, now)
}

/**
 * As `readNextRuns`, for these schedules. A schedule whose times cannot be read is left out.
 *
 * @param readersZones the zones in which a schedule by each reader's own time zone is due; the earliest time counts
 */
export async function nextRuns(
  schedules: readonly Schedule[],
  readersZones: readonly string[],
  now: number,
): Promise<Readonly<Record<string, string>>> {
  const runs: Record<string, string> = {}
  for (const schedule of schedules) {
    const next = schedule.enabled ? await nextDueInAnyZone(schedule, readersZones, now) : undefined
    if (next !== undefined) runs[schedule.name] = new Date(next).toISOString()
  }
  return runs
}
