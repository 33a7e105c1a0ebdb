import { ExpiringCache } from '../../../ground/concurrency/expiring-cache.ts'
import { SECOND } from '../../../ground/durations.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { type CalendarDeps, calendar } from './calendar.ts'
import type { CalendarRun } from './run-tally.ts'
import { schedulesWithin } from './schedules-within.ts'

/**
 * As `calendar`, for pages that are looked at again and again: what the runs would carry is at most half a minute old,
 * because all waiting mail is read for it. A changed schedule shows at once.
 */
export function keptCalendar(deps: CalendarDeps): (reach: Reach, days: number) => Promise<CalendarRun[]> {
  const kept = new ExpiringCache<CalendarRun[]>(MOST_KEPT)
  return async (reach, days) => {
    const now = deps.clock()
    const schedules = await schedulesWithin(deps.state, reach)
    const key = JSON.stringify([reach ?? null, days, schedules])
    const runs = await kept.get(key, { now, keep: KEPT_FOR }, () => calendar(deps, reach, days))
    return runs.filter(({ at }) => at > now)
  }
}

const KEPT_FOR = 30 * SECOND

/** Calendars, of some hundred kilobytes at most. */
const MOST_KEPT = 50
