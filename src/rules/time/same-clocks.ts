import { DAY } from '../../ground/durations.ts'
import { changeBetween, offsetAt } from './local-time.ts'

/** Groups zones whose clocks agree throughout a span of time, so that a calculation for one of them serves them all. */
export const bySameClocks = (zones: readonly string[], from: number, to: number): string[][] => [
  ...Map.groupBy(zones, zone => clockOf(zone, from, to)).values(),
]

/** The offset at the beginning, and each change with the offset after it. */
function clockOf(zone: string, from: number, to: number): string {
  const parts: number[] = [offsetAt(from, zone)]
  for (let start = from; start < to; start += STEP) {
    const after = offsetAt(start + STEP, zone)
    if (after !== offsetAt(start, zone)) parts.push(changeBetween(start, start + STEP, zone), after)
  }
  return parts.join(' ')
}

/** Clocks change at most once within it. */
const STEP = DAY
