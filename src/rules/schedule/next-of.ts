import { setImmediate } from 'node:timers/promises'
import { nextDue, type Times } from '../time/due-times.ts'
import type { Schedule } from './schedule.ts'
import { isReadersOwn } from './schedule.ts'

type Timing = Pick<Schedule, 'crons' | 'timeZone'>

/**
 * The first time after `now` at which a schedule is due for the readers of one time zone. Undefined when it is never
 * due or cannot be read.
 */
export function nextDueInZone(
  { crons, timeZone }: Timing,
  readersZone: string,
  now: number,
): number | undefined {
  try {
    return keptNextDue({ crons, timeZone: isReadersOwn({ timeZone }) ? readersZone : timeZone }, now)
  } catch {
    // Somebody edited the row by hand, and it cannot be read.
    return undefined
  }
}

/**
 * As `nextDue`, whose answer stays the same until it has come: pages ask again and again for all the world's zones, which
 * take a tenth of a second.
 */
function keptNextDue(times: Times, now: number): number | undefined {
  const key = `${times.timeZone} ${times.crons.join(' or ')}`
  const known = kept.get(key)
  if (known && known.from <= now && now < known.next) return known.next
  const next = nextDue(times, now)
  if (kept.size >= MOST_KEPT) kept.clear()
  if (next !== undefined) kept.set(key, { from: now, next })
  return next
}

const kept = new Map<string, { readonly from: number; readonly next: number }>()

/** Some fifty schedules in each of the world's 418 zones. */
const MOST_KEPT = 20_000

/**
 * Like `nextDueInZone`, for the readers of any of these zones. All the world's zones take a second, so it lets other
 * work go on in between.
 */
export async function nextDueInAnyZone(
  schedule: Timing,
  readersZones: readonly string[],
  now: number,
): Promise<number | undefined> {
  let first: number | undefined
  for (const zone of isReadersOwn(schedule) ? readersZones : [schedule.timeZone]) {
    const next = nextDueInZone(schedule, zone, now)
    if (next !== undefined && !(first !== undefined && first <= next)) first = next
    await setImmediate()
  }
  return first
}
