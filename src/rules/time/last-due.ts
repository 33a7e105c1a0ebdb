import { setImmediate } from 'node:timers/promises'
import { HOUR } from '../../ground/durations.ts'
import { lastDue, nextDue, type Times } from './due-times.ts'

/** As `lastDue` of `due-times.ts`. */
export type LastDue = (times: Times, now: number) => Promise<number | undefined>

/**
 * Counts when something was due last, and again only when it is due next. Who looks every few seconds, and for all the
 * world's time zones, shall hold up nobody else: it takes a tenth of a second for them all.
 */
export function createLastDue(): LastDue {
  const known = new Map<string, Known>()
  return async (times, now) => {
    const key = JSON.stringify([times.timeZone, ...times.crons])
    const before = known.get(key)
    if (before && before.from <= now && now < before.until) return before.last
    const last = await countLastDue(times, now)
    const until = nextDue(times, now) ?? now + RECOUNT
    // Expressions come and go with the schedules' changes.
    if (known.size >= MOST) known.clear()
    known.set(key, { last, from: last ?? now, until })
    return last
  }
}

/** Counts anew, for who asks once. */
export const countLastDue: LastDue = async (times, now) => {
  await setImmediate()
  return lastDue(times, now)
}

/** It holds in `from <= now < until`. */
interface Known {
  readonly last: number | undefined
  readonly from: number
  readonly until: number
}

/** For what is never due, as far as can be counted. */
const RECOUNT = HOUR

/** Some schedules in each of the world's 418 zones. */
const MOST = 20_000
