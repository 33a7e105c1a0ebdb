import { setImmediate } from 'node:timers/promises'
import { memo } from '../../ground/concurrency/memo.ts'
import { DAY } from '../../ground/durations.ts'
import { changeBetween, offsetAt } from './local-time.ts'

/**
 * Groups zones whose clocks agree throughout a span of time, so that a calculation for one of them serves them all. All
 * the world's zones take a tenth of a second for a month, so other work goes on after each of them.
 */
export async function bySameClocks(zones: readonly string[], from: number, to: number): Promise<string[][]> {
  // In whole days, so that the answers of this day can be used again.
  const [first, last] = [Math.floor(from / DAY) * DAY, Math.ceil(to / DAY) * DAY]
  const byClock = new Map<string, string[]>()
  for (const zone of zones) {
    const clock = clocks(`${zone} ${first} ${last}`, () => clockOf(zone, first, last))
    byClock.set(clock, [...(byClock.get(clock) ?? []), zone])
    await setImmediate()
  }
  return [...byClock.values()]
}

/** All zones in four spans of time. */
const clocks = memo<string>(2000)

/** The offset at the beginning, and each change with the offset after it. */
function clockOf(zone: string, from: number, to: number): string {
  let before = offsetAt(from, zone)
  const parts: number[] = [before]
  for (let start = from; start < to; start += STEP) {
    const end = Math.min(start + STEP, to)
    const after = offsetAt(end, zone)
    if (after !== before) parts.push(changeBetween(start, end, zone), after)
    before = after
  }
  return parts.join(' ')
}

/** Clocks change at most once within it: from 2000 on, no zone has changed its clocks twice within six days. */
const STEP = 5 * DAY
