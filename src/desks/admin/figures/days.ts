import { DAY } from '../../../ground/durations.ts'
import { firstShown, midnightBefore } from '../../../rules/time/local-time.ts'

/** One day of a time zone. */
export interface Day {
  /** As `2026-03-11`. */
  readonly name: string
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

/** The last days in a time zone, ending with today. @throws RangeError for an unknown zone */
export function lastDays(now: number, timeZone: string, count: number): Day[] {
  const today = midnightBefore(now, timeZone)
  return Array.from({ length: count }, (_, index) => {
    const midnight = today - (count - 1 - index) * DAY
    return {
      name: new Date(midnight).toISOString().slice(0, 10),
      from: firstShown(midnight, timeZone),
      to: firstShown(midnight + DAY, timeZone),
    }
  })
}
