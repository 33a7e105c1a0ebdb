import type { Database } from '../../../ground/database/database.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { nextDueInAnyZone } from '../../../rules/schedule/next-of.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { zonesInUse } from '../../../work/schedules/zones-in-use.ts'
import { schedulesWithin } from './schedules-within.ts'

/**
 * When each schedule of the table that is on is due next, as ISO 8601 times by its name.
 *
 * @param reach whose schedules; and in whose time zones, where a schedule goes by those of its readers
 * @param only this one
 */
export async function readNextRuns(
  state: Database<StateTables>,
  standardZone: string,
  now: number,
  reach?: Reach,
  only?: string,
): Promise<Readonly<Record<string, string>>> {
  const { zones } = await zonesInUse(state, standardZone, reach)
  const names = zones.map(({ timeZone }) => timeZone)
  const all = await schedulesWithin(state, reach)
  const asked = only === undefined ? all : all.filter(({ name }) => name === only)
  return nextRuns(asked, names, now)
}

/**
 * As `readNextRuns` of these schedules. One that cannot be read is left out.
 *
 * @param readersZones in which a schedule that goes by each reader's own is due: the first of their times counts
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
