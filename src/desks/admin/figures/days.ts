import { DAY } from '../../../ground/durations.ts'
import { offsetAt, whenShown } from '../../../rules/time/local-time.ts'

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
  const local = now + offsetAt(now, timeZone)
  const today = local - (((local % DAY) + DAY) % DAY)
  return Array.from({ length: count }, (_, index) => {
    const midnight = today - (count - 1 - index) * DAY
    return {
      name: new Date(midnight).toISOString().slice(0, 10),
      from: startOf(midnight, timeZone),
      to: startOf(midnight + DAY, timeZone),
    }
  })
}

/** Where the clocks skip midnight, the day starts at the change. */
function startOf(midnight: number, timeZone: string): number {
  const { instants, afterGap } = whenShown(midnight, timeZone)
  return instants[0] ?? afterGap ?? midnight
}
