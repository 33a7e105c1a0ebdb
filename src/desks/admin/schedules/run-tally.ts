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
  /** By the index of the run. */
  readonly #additions = new Map<number, SumsByZone>()

  constructor(runs: readonly RunAhead[]) {
    this.#runs = runs
  }

  add({ schedule, settings, messages }: Carried): void {
    const first = this.#runs.findIndex(run => run.at >= (settings.pausedUntil ?? 0))
    if (first < 0) return
    const zone = isReadersOwn(schedule) ? settings.timeZone : schedule.timeZone
    const additions = this.#additions.get(first) ?? new Map<string, Map<string, Sum>>()
    this.#additions.set(first, additions)
    addTo(additions, schedule.name, zone, { readers: 1, messages })
  }

  calendar(): CalendarRun[] {
    const totals: SumsByZone = new Map()
    return this.#runs.map(({ schedule, at, timeZones }, index) => {
      for (const [name, byZone] of this.#additions.get(index) ?? [])
        for (const [zone, sum] of byZone) addTo(totals, name, zone, sum)
      const ofSchedule = totals.get(schedule.name)
      const sums = timeZones.map(zone => ofSchedule?.get(zone) ?? NOTHING)
      return {
        schedule: schedule.name,
        at,
        timeZones,
        readers: total(sums.map(sum => sum.readers)),
        messages: total(sums.map(sum => sum.messages)),
      }
    })
  }
}

/** By the name of the schedule, then by time zone. */
type SumsByZone = Map<string, Map<string, Sum>>

function addTo(sums: SumsByZone, schedule: string, zone: string, { readers, messages }: Readonly<Sum>): void {
  const byZone = sums.get(schedule) ?? new Map<string, Sum>()
  sums.set(schedule, byZone)
  const sum = byZone.get(zone) ?? { ...NOTHING }
  byZone.set(zone, sum)
  sum.readers += readers
  sum.messages += messages
}

interface Sum {
  readers: number
  messages: number
}

const NOTHING: Readonly<Sum> = { readers: 0, messages: 0 }

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)
