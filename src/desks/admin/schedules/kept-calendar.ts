import { ExpiringCache } from '../../../ground/concurrency/expiring-cache.ts'
import { DAY, SECOND } from '../../../ground/durations.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { type CalendarDeps, calendar, requireDays } from './calendar.ts'
import { MOST_DAYS } from './calendar-limits.ts'
import type { CalendarRun } from './run-tally.ts'
import { schedulesWithin } from './schedules-within.ts'

/**
 * As `calendar`, for pages that are looked at again and again: what the runs would carry is at most half a minute old,
 * because all waiting mail is read for it. A changed schedule shows at once, and a shorter calendar is part of the
 * longest one.
 */
export function keptCalendar(deps: CalendarDeps): (reach: Reach, days: number) => Promise<CalendarRun[]> {
  const kept = new ExpiringCache<CalendarRun[]>(MOST_KEPT)
  return async (reach, days) => {
    requireDays(days)
    const now = deps.clock()
    const schedules = await schedulesWithin(deps.state, reach)
    const key = JSON.stringify([reach ?? null, schedules])
    const runs = await kept.get(key, { now, keep: KEPT_FOR }, () => calendar(deps, reach, MOST_DAYS))
    return runs.filter(({ at }) => at > now && at <= now + days * DAY)
  }
}

const KEPT_FOR = 30 * SECOND

/** Calendars, of some hundred kilobytes at most. */
const MOST_KEPT = 50
