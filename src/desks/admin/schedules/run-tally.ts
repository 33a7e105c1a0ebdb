import type { RunAhead } from '../../../rules/schedule/runs-ahead.ts'
import { isReadersOwn } from '../../../rules/schedule/schedule.ts'
import type { Carried } from './carried-now.ts'

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
 * Counts what each run carries. A reader who counts in one run also counts in all later ones. So each reader is added
 * once, at the first run, and the figures of a run are the sum of what was added up to it, by schedule and time zone.
 */
export class RunTally {
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

interface Sum {
  readers: number
  messages: number
}

const NOTHING: Readonly<Sum> = { readers: 0, messages: 0 }

/** Neither a name nor a zone contains a space, so no two pairs give the same key. */
const keyOf = (schedule: string, timeZone: string): string => `${schedule} ${timeZone}`

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)
