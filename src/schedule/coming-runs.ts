import type { Reach } from '../admins/reach.ts'
import type { Database } from '../database/database.ts'
import type { StateTables } from '../database/state-tables.ts'
import type { StandardSettings } from '../preferences/settings.ts'
import { runsAhead } from './runs-ahead.ts'
import { schedulesWithin } from './schedules-within.ts'
import { zonesInUse } from './zones-in-use.ts'

export interface ComingRunsDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
  readonly standard: StandardSettings
}

export interface ComingRun {
  readonly schedule: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/**
 * The next runs of the schedules that are on, within eight days. What they would carry is not counted: see `calendar`.
 *
 * @param reach whose schedules; and in whose time zones, where a schedule goes by those of its readers
 */
export async function comingRuns(
  { state, clock, standard }: ComingRunsDeps,
  reach: Reach,
  most: number,
): Promise<ComingRun[]> {
  const now = clock()
  const enabled = (await schedulesWithin(state, reach)).filter(schedule => schedule.enabled)
  const { zones } = await zonesInUse(state, standard.timeZone, reach)
  const runs = await runsAhead(
    enabled,
    zones.map(zone => zone.timeZone),
    { from: now, to: now + AHEAD, most },
  )
  return runs.map(({ schedule, at }) => ({ schedule: schedule.name, at }))
}

/** Milliseconds: a weekly schedule has one of them. */
const AHEAD = 8 * 24 * 3_600_000
