import { MOST_RUNS } from '../../../../desks/admin/schedules/calendar-limits.ts'
import type { CalendarRun } from '../../../../desks/admin/schedules/run-tally.ts'
import { formatTime, type Place } from '../../../../ground/display/format.ts'
import { offsetAt } from '../../../../rules/time/local-time.ts'
import type { Writer } from '../../web/writer.ts'
import type { DeskDeps } from '../frame/desk-deps.ts'
import { daysIn, spanModel } from '../frame/span.ts'
import type { AdminHandler } from '../frame/visit.ts'

/** GET /admin/schedules/calendar?days=7: the coming runs, with the mail that each would list now. */
export const showCalendar =
  ({ desk }: DeskDeps): AdminHandler =>
  async ({ editor, query, show }) => {
    const days = daysIn(query, SPANS, 7)
    const runs = await desk.schedules.calendar(editor.reach, days)
    show({
      page: 'calendar',
      section: 'schedules',
      model: writer => ({
        action: writer.url('/admin/schedules/calendar'),
        backUrl: writer.url('/admin/schedules'),
        spans: spanModel(SPANS, days, 'admin.clicks.ahead', writer),
        cut: runs.length >= MOST_RUNS,
        days: [...Map.groupBy(runs, run => writer.time(run.at, 'day'))].map(([day, runsOfDay]) => ({
          day,
          runs: runsOfDay.map(run => runRow(run, writer)),
        })),
      }),
    })
  }

const SPANS = [1, 7, 14, 31] as const

const runRow = (run: CalendarRun, writer: Writer): object => ({
  clock: writer.time(run.at, 'clock'),
  schedule: run.schedule,
  zones: zonesText(run, writer),
  readers: writer.number(run.readers),
  messages: writer.number(run.messages),
})

function zonesText({ at, timeZones }: CalendarRun, { place, words }: Writer): string {
  const zones = timeZones
    .slice(0, MOST_ZONES)
    .map(timeZone => `${clockIn(timeZone, at, place)} ${timeZone}`)
    .join(', ')
  const count = timeZones.length - MOST_ZONES
  return count > 0 ? words.say('admin.calendar.moreZones', { zones, count }) : zones
}

const MOST_ZONES = 5

/**
 * What the clocks of a zone show, written as a time in UTC: to make a format for each of the world's zones takes a
 * tenth of a second.
 */
const clockIn = (timeZone: string, at: number, place: Place): string =>
  formatTime(at + offsetAt(at, timeZone), 'clock', { ...place, timeZone: 'UTC' })
