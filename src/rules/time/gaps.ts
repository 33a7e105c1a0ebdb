import { plainCron } from '../../ground/cron/cron-fault.ts'
import { hoursOf, minutesOf, utcCron } from '../../ground/cron/utc-cron.ts'

/** Milliseconds. */
export interface Gaps {
  readonly shortest: number
  readonly longest: number
}

/**
 * Between the times of these expressions, taken together: on all days of the next years, by a clock that nobody changes.
 *
 * @throws Error what cannot be read as a cron expression
 */
export function gapsOf(crons: readonly string[], now: number): Gaps {
  let [shortest, longest, last] = [Number.POSITIVE_INFINITY, 0, now]
  for (const time of timesAfter(crons, now)) {
    const gap = time - last
    // How long ago it was due before the first one, nobody asks.
    if (last !== now) shortest = Math.min(shortest, gap)
    longest = Math.max(longest, gap)
    last = time
  }
  return { shortest, longest: Math.max(longest, midnightAfter(LOOKED_AHEAD, now) - last) }
}

/** Days: those of the leap years come round within it. */
const LOOKED_AHEAD = 1461

/** Day by day: to go from one time to the next is slow where they are rare. */
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
  /** Of the day, at which it is due on its days; milliseconds. */
  readonly times: readonly number[]
  /** Due at midnight of its days. */
  readonly days: ReturnType<typeof utcCron>
}

function partsOf(cron: string): Parts {
  const [, , ...days] = plainCron(cron).split(' ')
  const minutes = minutesOf(cron)
  return {
    cron,
    times: hoursOf(cron).flatMap(hour => minutes.map(minute => (hour * 60 + minute) * 60_000)),
    days: utcCron(['0 0', ...days].join(' ')),
  }
}

/** Each once, in their order. */
const timesOfDay = (all: readonly Parts[]): number[] =>
  [...new Set(all.flatMap(({ times }) => times))].sort((a, b) => a - b)
