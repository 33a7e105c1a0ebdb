import { setImmediate } from 'node:timers/promises'
import { HOUR } from '../../ground/durations.ts'
import { lastDue, nextDue, type Times } from './due-times.ts'

/** Like `lastDue` of `due-times.ts`. */
export type LastDue = (times: Times, now: number) => Promise<number | undefined>

/**
 * Calculates when something was last due, and keeps the answer until it is next due. The caller asks every few seconds
 * for all the world's time zones; calculating them takes a tenth of a second, which would hold up other work.
 */
export function createLastDue(): LastDue {
  const known = new Map<string, Known>()
  return async (times, now) => {
    const key = JSON.stringify([times.timeZone, ...times.crons])
    const before = known.get(key)
    if (before && before.from <= now && now < before.until) return before.last
    const last = await calculateLastDue(times, now)
    const until = nextDue(times, now) ?? now + RECALCULATE_AFTER
    // Expressions come and go with the schedules' changes.
    if (known.size >= MAX_KEPT) known.clear()
    known.set(key, { last, from: last ?? now, until })
    return last
  }
}

/** Calculates the answer each time, for callers that ask once. */
export const calculateLastDue: LastDue = async (times, now) => {
  await setImmediate()
  return lastDue(times, now)
}

/** The answer is valid for `from <= now < until`. */
interface Known {
  readonly last: number | undefined
  readonly from: number
  readonly until: number
}

/** How long the answer is kept when no next time can be found. */
const RECALCULATE_AFTER = HOUR

/** Almost fifty schedules in each of the world's 418 zones. */
const MAX_KEPT = 20_000
