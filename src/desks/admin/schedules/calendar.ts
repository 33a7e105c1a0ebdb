import { DAY } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { type RunAhead, runsAhead } from '../../../rules/schedule/runs-ahead.ts'
import { isReadersOwn } from '../../../rules/schedule/schedule.ts'
import { zonesInUse } from '../../../work/schedules/zones-in-use.ts'
import { MOST_DAYS, MOST_RUNS } from './calendar-limits.ts'
import { type Carried, type CarriedDeps, carriedNow } from './carried-now.ts'
import { emptyNow } from './empty-now.ts'
import { schedulesWithin } from './schedules-within.ts'

export interface CalendarDeps extends CarriedDeps {
  readonly clock: () => number
}

/** A future run, with what it would carry if it were made now. */
export interface CalendarRun {
  readonly schedule: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The time zones in which it is due at this time. */
  readonly timeZones: readonly string[]
  /** How many readers would get a digest, including those who are only told that nothing was held. */
  readonly readers: number
  readonly messages: number
}

/**
 * Lists the runs of the next days for the schedules that are on, with what each would carry if it were made now.
 * A reader who has paused counts from the first run after the pause.
 *
 * @param reach decides which schedules are listed, and which readers are counted
 * @throws CodedError USAGE unless `days` is a whole number from 1 to 31
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
      batch.forEach(carried => void tally.add(carried))
    for await (const batch of emptyNow(deps, reach, schedules, now))
      batch.forEach(carried => void tally.add(carried))
  }
  return tally.calendar()
}

interface Sum {
  readers: number
  messages: number
}

/**
 * Counts what each run carries. A reader who counts in one run also counts in all later ones. So each reader is added
 * once, at the first run, and the figures of a run are the sum of what was added up to it, by schedule and time zone.
 */
class Tally {
  readonly #runs: readonly RunAhead[]
  readonly #additions = new Map<string, Map<number, Sum>>()

  constructor(runs: readonly RunAhead[]) {
    this.#runs = runs
  }

  add({ schedule, settings, messages }: Carried): void {
    const first = this.#runs.findIndex(run => run.at >= (settings.pausedUntil ?? 0))
    if (first < 0) return
    const key = keyOf(schedule.name, isReadersOwn(schedule) ? settings.timeZone : schedule.timeZone)
    const byRun = this.#additions.get(key) ?? new Map<number, Sum>()
    this.#additions.set(key, byRun)
    const sum = byRun.get(first) ?? { readers: 0, messages: 0 }
    byRun.set(first, { readers: sum.readers + 1, messages: sum.messages + messages })
  }

  calendar(): CalendarRun[] {
    const totals = new Map<string, Sum>()
    return this.#runs.map(({ schedule, at, timeZones }, index) => {
      this.#addFrom(totals, index)
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

  /** Adds to the totals what counts from this run on. */
  #addFrom(totals: Map<string, Sum>, index: number): void {
    for (const [key, byRun] of this.#additions) {
      const addition = byRun.get(index)
      if (!addition) continue
      const sum = totals.get(key) ?? NOTHING
      totals.set(key, { readers: sum.readers + addition.readers, messages: sum.messages + addition.messages })
    }
  }
}

const NOTHING: Readonly<Sum> = { readers: 0, messages: 0 }

/** Neither a name nor a zone contains a space, so no two pairs give the same key. */
const keyOf = (schedule: string, timeZone: string): string => `${schedule} ${timeZone}`

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)
