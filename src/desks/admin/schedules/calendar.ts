import { DAY } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { type RunAhead, runsAhead } from '../../../rules/schedule/runs-ahead.ts'
import { isReadersOwn } from '../../../rules/schedule/schedule.ts'
import { zonesInUse } from '../../../work/schedules/zones-in-use.ts'
import { type Carried, type CarriedDeps, carriedNow } from './carried-now.ts'
import { emptyNow } from './empty-now.ts'
import { schedulesWithin } from './schedules-within.ts'

export interface CalendarDeps extends CarriedDeps {
  readonly clock: () => number
}

/** A run to come, with what it would carry if it were made now. */
export interface CalendarRun {
  readonly schedule: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** In whose clocks it is due. */
  readonly timeZones: readonly string[]
  /** Who would get a digest, if only to be told that nothing was held. */
  readonly readers: number
  readonly messages: number
}

/** The most runs that a calendar holds. One that holds so many was cut: the later ones are missing. */
export const MOST_RUNS = 500

export const MOST_DAYS = 31

/**
 * The runs of the next days, of schedules that are on, with what each would carry if it were made now. A reader who
 * paused the digests counts from the first run after the pause.
 *
 * @param reach whose schedules there are, and of whose readers the figures tell
 * @throws CodedError USAGE, for days that are none of 1 to 31
 */
export async function calendar(deps: CalendarDeps, reach: Reach, days: number): Promise<CalendarRun[]> {
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS) {
    throw new CodedError('USAGE', `Expected a number of days from 1 to ${MOST_DAYS}.`)
  }
  const now = deps.clock()
  const schedules = await schedulesWithin(deps.state, reach)
  const { zones } = await zonesInUse(deps.state, deps.standard.timeZone, reach)
  const runs = await runsAhead(
    schedules.filter(schedule => schedule.enabled),
    zones.map(zone => zone.timeZone),
    { from: now, to: now + days * DAY, most: MOST_RUNS },
  )
  const tally = new Tally(runs)
  if (runs.length > 0) {
    for await (const batch of carriedNow(deps, reach, schedules, now))
      batch.forEach(one => void tally.add(one))
    for await (const batch of emptyNow(deps, reach, schedules, now)) batch.forEach(one => void tally.add(one))
  }
  return tally.calendar()
}

interface Sum {
  readers: number
  messages: number
}

/** What each run carries, counted once for all of them: of each schedule and zone, what is added from which run on. */
class Tally {
  readonly #runs: readonly RunAhead[]
  readonly #added = new Map<string, Map<number, Sum>>()

  constructor(runs: readonly RunAhead[]) {
    this.#runs = runs
  }

  add({ schedule, settings, messages }: Carried): void {
    const first = this.#runs.findIndex(run => run.at >= (settings.pausedUntil ?? 0))
    if (first < 0) return
    const key = keyOf(schedule.name, isReadersOwn(schedule) ? settings.timeZone : schedule.timeZone)
    const added = this.#added.get(key) ?? new Map<number, Sum>()
    this.#added.set(key, added)
    const sum = added.get(first) ?? { readers: 0, messages: 0 }
    added.set(first, { readers: sum.readers + 1, messages: sum.messages + messages })
  }

  calendar(): CalendarRun[] {
    const totals = new Map<string, Sum>()
    return this.#runs.map(({ schedule, at, timeZones }, index) => {
      this.#carryOn(totals, index)
      const sums = timeZones.map(zone => totals.get(keyOf(schedule.name, zone)) ?? NOTHING)
      return {
        schedule: schedule.name,
        at,
        timeZones,
        readers: total(sums.map(sum => sum.readers)),
        messages: total(sums.map(sum => sum.messages)),
      }
    })
  }

  /** Adds to the totals what begins with this run. */
  #carryOn(totals: Map<string, Sum>, index: number): void {
    for (const [key, added] of this.#added) {
      const more = added.get(index)
      if (!more) continue
      const sum = totals.get(key) ?? NOTHING
      totals.set(key, { readers: sum.readers + more.readers, messages: sum.messages + more.messages })
    }
  }
}

const NOTHING: Readonly<Sum> = { readers: 0, messages: 0 }

/** Neither a name nor a zone has a blank in it. */
const keyOf = (schedule: string, timeZone: string): string => `${schedule} ${timeZone}`

const total = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0)
