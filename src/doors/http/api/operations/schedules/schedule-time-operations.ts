import { z } from 'zod'
import { MOST_DAYS, MOST_RUNS } from '../../../../../desks/admin/schedules/calendar-limits.ts'
import type { CalendarRun } from '../../../../../desks/admin/schedules/run-tally.ts'
import { READERS_OWN } from '../../../../../rules/schedule/schedule.ts'
import { scheduleFaults } from '../../../../../rules/schedule/schedule-faults.ts'
import { component } from '../../protocol/components.ts'
import { count, daysField, isoTime, time } from '../../protocol/fields.ts'
import { operation } from '../../protocol/operation.ts'
import { crons, timezone } from './schedule-body.ts'

const previewRequest = component(
  'SchedulePreviewRequest',
  z
    .strictObject({
      cron: crons,
      timezone: timezone
        .default('UTC')
        .describe('The time zone: an IANA name, or `reader` for that of readers who have not set one.'),
    })
    .describe('The times of a schedule.'),
  { cron: ['0 7,15 * * 1-5'], timezone: 'Europe/Paris' },
)

const preview = component(
  'SchedulePreview',
  z
    .object({
      times: z.array(time).describe('The next times, at most ten.'),
      faults: z.array(z.string()).describe('Why a schedule with these times would be refused.'),
    })
    .describe('When a schedule would be due.'),
  { times: ['2026-03-11T14:00:00.000Z', '2026-03-12T06:00:00.000Z'], faults: [] },
)

const run = z.object({
  schedule: z.string().describe('The name of the schedule.'),
  at: time.describe('When the run is due.'),
  timezones: z.array(z.string()).describe('The time zones in which the run is due at this time.'),
  readers: count.describe('How many readers would get a digest.'),
  messages: count.describe('How many messages these digests would list.'),
})

const calendar = component(
  'Calendar',
  z
    .object({
      runs: z.array(run).describe('The runs, in the order of their times.'),
      cut: z
        .boolean()
        .describe(`True when there are more than ${MOST_RUNS} runs. The later ones are missing.`),
    })
    .describe('The coming runs.'),
  {
    runs: [
      {
        schedule: 'daily',
        at: '2026-03-12T05:00:00.000Z',
        timezones: ['Europe/Paris'],
        readers: 12,
        messages: 37,
      },
    ],
    cut: false,
  },
)

/** The operations on the times of schedules. */
export const SCHEDULE_TIME_OPERATIONS = [
  operation({
    method: 'post',
    path: '/schedules/preview',
    operationId: 'previewSchedule',
    tag: 'Schedules',
    summary: 'Returns the next times of cron expressions',
    description: 'If a schedule with them would be refused, says why. Nothing is changed.',
    scope: 'read',
    body: previewRequest,
    replies: { 200: { description: 'Returns the next times.', schema: preview } },
    handle: async ({ desk, standardTimeZone }, { body }) => {
      const faults = scheduleFaults('preview', { crons: body.cron, timeZone: body.timezone })
      const timeZone = body.timezone === READERS_OWN ? standardTimeZone : body.timezone
      const times =
        faults.length > 0 ? [] : desk.schedules.nextTimes({ crons: body.cron, timeZone }, MOST_TIMES)
      return { body: { times: times.map(isoTime), faults } }
    },
  }),
  operation({
    method: 'get',
    path: '/calendar',
    operationId: 'getCalendar',
    tag: 'Schedules',
    summary: 'Returns the coming runs',
    description: 'Says how many readers and messages each run would include if it were made now.',
    scope: 'read',
    query: { days: daysField(MOST_DAYS, 7, 'How many days ahead.') },
    replies: { 200: { description: 'Returns the runs.', schema: calendar } },
    handle: async ({ desk }, { query, by }) => {
      const runs = await desk.schedules.calendar(by.reach, query.days)
      return { body: { runs: runs.map(runJson), cut: runs.length >= MOST_RUNS } }
    },
  }),
]

const MOST_TIMES = 10

const runJson = (found: CalendarRun): z.output<typeof run> => ({
  schedule: found.schedule,
  at: isoTime(found.at),
  timezones: [...found.timeZones],
  readers: found.readers,
  messages: found.messages,
})
