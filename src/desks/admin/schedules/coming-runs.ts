import type { Database } from '../../../ground/database/database.ts'
import { DAY } from '../../../ground/durations.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { runsAhead } from '../../../rules/schedule/runs-ahead.ts'
import type { StandardSettings } from '../../../rules/settings/reader-settings.ts'
import { zonesInUse } from '../../../work/schedules/zones-in-use.ts'
import { schedulesWithin } from './schedules-within.ts'

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
 * Lists the next runs of the schedules that are on, within eight days. It does not count what they would carry:
 * `calendar` does.
 *
 * @param reach decides which schedules are listed, and whose time zones count where a schedule goes by its readers'
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

/** More than a week, so that a weekly schedule has a run within it. */
const AHEAD = 8 * DAY
