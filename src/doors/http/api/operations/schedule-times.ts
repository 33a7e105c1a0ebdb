import { z } from 'zod'
import type { CalendarRun } from '../../../../desks/admin/schedules/calendar.ts'
import { MOST_DAYS, MOST_RUNS } from '../../../../desks/admin/schedules/calendar.ts'
import { READERS_OWN } from '../../../../rules/schedule/schedule.ts'
import { scheduleFaults } from '../../../../rules/schedule/schedule-faults.ts'
import { component } from '../protocol/components.ts'
import { daysField, isoTime, line, time } from '../protocol/fields.ts'
import { operation } from '../protocol/operation.ts'
import { crons } from './schedules.ts'

const previewRequest = component(
  'SchedulePreviewRequest',
  z.strictObject({
    cron: crons,
    timezone: line(64).default('UTC').describe('IANA name, or `reader`: then in the standard time zone.'),
  }),
)

const preview = component(
  'SchedulePreview',
  z.object({
    times: z.array(time).describe('The next ten, if there are so many.'),
    faults: z.array(z.string()).describe('Why such a schedule would be refused.'),
  }),
)

const run = z.object({
  schedule: z.string(),
  at: time,
  timezones: z.array(z.string()).describe('In whose clocks it is due.'),
  readers: z.int(),
  messages: z.int(),
})

const calendar = component(
  'Calendar',
  z.object({
    runs: z.array(run),
    cut: z.boolean().describe(`It holds ${MOST_RUNS} runs at most: the later ones are missing.`),
  }),
)

export const SCHEDULE_TIME_OPERATIONS = [
  operation({
    method: 'post',
    path: '/schedules/preview',
    operationId: 'previewSchedule',
    tag: 'Schedules',
    summary: 'The next times of cron expressions, or why they would be refused',
    scope: 'read',
    body: previewRequest,
    replies: { 200: { description: 'Nothing is changed.', schema: preview } },
    handle: async ({ desk, standardTimeZone }, { body }) => {
      const faults = scheduleFaults('preview', { crons: body.cron, timeZone: body.timezone })
      const timeZone = body.timezone === READERS_OWN ? standardTimeZone : body.timezone
      const times = faults.length > 0 ? [] : desk.schedules.nextTimes({ crons: body.cron, timeZone }, SHOWN)
      return { body: { times: times.map(isoTime), faults } }
    },
  }),
  operation({
    method: 'get',
    path: '/calendar',
    operationId: 'getCalendar',
    tag: 'Schedules',
    summary: 'The coming runs, with what each would carry now',
    scope: 'read',
    query: { days: daysField(MOST_DAYS, 7) },
    replies: { 200: { description: 'In the order of their times.', schema: calendar } },
    handle: async ({ desk }, { query, by }) => {
      const runs = await desk.schedules.calendar(by.reach, query.days)
      return { body: { runs: runs.map(runJson), cut: runs.length >= MOST_RUNS } }
    },
  }),
]

const SHOWN = 10

const runJson = (found: CalendarRun): z.output<typeof run> => ({
  schedule: found.schedule,
  at: isoTime(found.at),
  timezones: [...found.timeZones],
  readers: found.readers,
  messages: found.messages,
})
