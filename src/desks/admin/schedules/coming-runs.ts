import { DAY } from '../../../ground/durations.ts'
import { CodedError, httpStatusOf } from '../../../ground/errors.ts'
import { waitingItems } from '../../../ground/state/waiting-items.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { runsAhead } from '../../../rules/schedule/runs-ahead.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { zonesInUse } from '../../../work/schedules/zones-in-use.ts'
import { countOf } from '../../../work/stuck/count.ts'
import type { CalendarDeps } from './calendar.ts'
import { type Carried, carriedNow } from './carried-now.ts'
import { RunTally } from './run-tally.ts'
import { schedulesUsers } from './schedule-use.ts'
import { schedulesWithin } from './schedules-within.ts'

export interface ComingRun {
  readonly schedule: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /**
   * What it would carry if it were made now, and to how many readers, without those who are only told that nothing was
   * held. Undefined when so much mail waits that counting would be slow: `calendar` counts it. Undefined, too, while
   * amavisd's database is away.
   */
  readonly carries: { readonly readers: number; readonly messages: number } | undefined
}

/**
 * Lists the next runs of the schedules that are on and that somebody has, within eight days.
 *
 * @param reach decides which schedules are listed, whose time zones count where a schedule goes by its readers', and
 * which readers are counted
 */
export async function comingRuns(deps: CalendarDeps, reach: Reach, most: number): Promise<ComingRun[]> {
  const { state, clock, standard } = deps
  const now = clock()
  const schedules = await schedulesWithin(state, reach)
  const { zones } = await zonesInUse(state, standard.timeZone, reach)
  const runs = await runsAhead(
    await inUse(deps, reach, schedules),
    zones.map(zone => zone.timeZone),
    { from: now, to: now + AHEAD, most },
  )
  const tally = new RunTally(runs)
  const isCounted =
    runs.length > 0 &&
    (await isCountable(deps)) &&
    (await count(tally, carriedNow(deps, reach, schedules, now)))
  return tally.calendar().map(({ schedule, at, readers, messages }) => ({
    schedule,
    at,
    carries: isCounted ? { readers, messages } : undefined,
  }))
}

/** @returns false if a database is away: the runs come nevertheless */
async function count(tally: RunTally, batches: AsyncIterable<readonly Carried[]>): Promise<boolean> {
  try {
    for await (const batch of batches) for (const carried of batch) tally.add(carried)
    return true
  } catch (error) {
    if (error instanceof CodedError && httpStatusOf(error.code) === 503) return false
    throw error
  }
}

/** More than a week, so that a weekly schedule has a run within it. */
const AHEAD = 8 * DAY

/** The schedules that settings name, and the default one unless the settings for everybody name others. */
async function inUse(
  { state }: CalendarDeps,
  reach: Reach,
  schedules: readonly Schedule[],
): Promise<Schedule[]> {
  const users = await schedulesUsers({ state }, reach)
  const isReplaced = [...users.values()].some(({ everybody }) => everybody)
  return schedules.filter(
    ({ name, enabled, isDefault }) => enabled && (users.has(name) || (isDefault && !isReplaced)),
  )
}

/** The overview is opened often, so it reads no more than a few hundred milliseconds' worth of mail. */
const isCountable = async ({ state }: CalendarDeps): Promise<boolean> =>
  (await countOf(
    state,
    waitingItems(state)
      .select('digest_id')
      .limit(MOST_COUNTED + 1),
  )) <= MOST_COUNTED

const MOST_COUNTED = 2000
