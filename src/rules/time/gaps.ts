import { plainCron } from '../../ground/cron/cron-fault.ts'
import { hoursOf, minutesOf, utcCron } from '../../ground/cron/utc-cron.ts'
import { HOUR, MINUTE } from '../../ground/durations.ts'

/** The gaps between due times, in milliseconds. */
export interface Gaps {
  readonly shortest: number
  readonly longest: number
}

/**
 * The gaps between the times of these expressions, taken together, during the next four years on a clock that is never
 * changed.
 *
 * @throws Error when an expression cannot be read
 */
export function gapsOf(crons: readonly string[], now: number): Gaps {
  let [shortest, longest, last] = [Number.POSITIVE_INFINITY, 0, now]
  for (const time of timesAfter(crons, now)) {
    const gap = time - last
    // The time before the first one is not known, so the first gap may be too short.
    if (last !== now) shortest = Math.min(shortest, gap)
    longest = Math.max(longest, gap)
    last = time
  }
  return { shortest, longest: Math.max(longest, midnightAfter(LOOKED_AHEAD, now) - last) }
}

/** In days: four years, which have one leap day. */
const LOOKED_AHEAD = 1461

/** Goes day by day: finding the next time of an expression is slow when its times are rare. */
function* timesAfter(crons: readonly string[], now: number): Generator<number, void> {
  const all = [...new Set(crons)].map(partsOf)
  const known = new Map<string, readonly number[]>()
  for (let day = 0; day < LOOKED_AHEAD; day += 1) {
    const midnight = midnightAfter(day, now)
    const due = all.filter(({ days }) => days.match(new Date(midnight)))
    const key = due.map(({ cron }) => cron).join()
    const ofDay = known.get(key) ?? timesOfDay(due)
    known.set(key, ofDay)
    for (const time of ofDay) if (midnight + time > now) yield midnight + time
  }
}

const midnightAfter = (days: number, now: number): number => new Date(now).setUTCHours(24 * days, 0, 0, 0)

interface Parts {
  readonly cron: string
  /** The times of day at which it is due, in milliseconds since midnight. */
  readonly times: readonly number[]
  /** An expression for the midnight of each day on which it is due. */
  readonly days: ReturnType<typeof utcCron>
}

function partsOf(cron: string): Parts {
  const [, , ...days] = plainCron(cron).split(' ')
  const minutes = minutesOf(cron)
  return {
    cron,
    times: hoursOf(cron).flatMap(hour => minutes.map(minute => hour * HOUR + minute * MINUTE)),
    days: utcCron(['0 0', ...days].join(' ')),
  }
}

/** Sorted, each once. */
const timesOfDay = (all: readonly Parts[]): number[] =>
  [...new Set(all.flatMap(({ times }) => times))].sort((a, b) => a - b)
