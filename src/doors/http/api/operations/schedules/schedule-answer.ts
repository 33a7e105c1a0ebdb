import { z } from 'zod'
import { scheduleJson } from '../../../../../desks/admin/schedules/schedule-json.ts'
import type { Schedule } from '../../../../../rules/schedule/schedule.ts'
import type { ScheduleUsers } from '../../../../../work/schedules/schedule-users.ts'
import { component, exampleOf } from '../../protocol/components.ts'
import { count, counts, timeOrNull } from '../../protocol/fields.ts'
import { kind } from '../parts/held-message.ts'

const filter = z.object({
  kinds: z.array(kind).nullable().describe('Only these kinds of mail. Null: every kind.'),
  minScore: z
    .number()
    .nullable()
    .describe('Only messages with at least this spam score. Null: no lower bound.'),
  maxScore: z.number().nullable().describe('Only messages below this spam score. Null: no upper bound.'),
})

const users = counts({ readers: 'How many readers.', domains: 'How many domains.' }).extend({
  everybody: z.boolean().describe('True when it is set for everybody.'),
})

export const schedule = component(
  'Schedule',
  z
    .object({
      name: z.string().describe('The name of the schedule.'),
      cron: z.array(z.string()).describe('When the schedule is due, as cron expressions of five fields.'),
      timezone: z
        .string()
        .describe("The time zone of the expressions: an IANA name, or `reader` for each reader's own."),
      default: z.boolean().describe('True for the schedule of readers who have no other.'),
      on: z.boolean().describe('False when the schedule makes no digests.'),
      filter: filter.nullable().describe('Which messages the digests list. Null: all.'),
      minMessages: count.describe(
        'With fewer messages there is no digest, unless one of them is about to expire.',
      ),
      sendEmpty: z.boolean().describe('True when readers get a digest even if nothing was held.'),
      spread: z.string().describe('The span of time over which the mails of a run are sent, such as `30m`.'),
      readersMayChoose: z.boolean().describe('True when readers may choose the schedule themselves.'),
      version: count.describe('The version.'),
      next: timeOrNull.describe('When the schedule is due next. Null when it is off or never due.'),
      usedBy: users.describe('How many settings name the schedule, of those that the key can see.'),
    })
    .describe('When digests are made, and which messages they list.'),
  {
    name: 'weekdays',
    cron: ['0 7,15 * * 1-5'],
    timezone: 'reader',
    default: false,
    on: true,
    filter: { kinds: ['spam', 'banned'], minScore: null, maxScore: 15 },
    minMessages: 1,
    sendEmpty: false,
    spread: '30m',
    readersMayChoose: true,
    version: 4,
    next: '2026-03-11T14:00:00.000Z',
    usedBy: { readers: 12, domains: 1, everybody: false },
  },
)

export const scheduleList = component(
  'ScheduleList',
  z.object({ items: z.array(schedule).describe('The schedules.') }).describe('All schedules, by name.'),
  { items: [exampleOf(schedule)] },
)

const warnings = z.array(z.string()).describe('What may not have been intended. The change was made anyway.')

export const changedSchedule = component(
  'ChangedSchedule',
  z
    .object({ schedule: schedule.describe('The schedule as it is now.'), warnings })
    .describe('A schedule after a change.'),
  { schedule: exampleOf(schedule), warnings: [] },
)

export const removedSchedule = component(
  'RemovedSchedule',
  z
    .object({
      fallenBack: count.describe('How many settings named the schedule. They now apply without it.'),
      warnings,
    })
    .describe('What the removal of a schedule changed.'),
  { fallenBack: 0, warnings: [] },
)

/** Returns a schedule as answers show it. */
export const scheduleAnswer = (
  found: Schedule,
  next: Readonly<Record<string, string>>,
  users: ReadonlyMap<string, ScheduleUsers>,
) => ({ ...scheduleJson(found, next[found.name]), usedBy: users.get(found.name) ?? NOBODY })

const NOBODY: ScheduleUsers = { readers: 0, domains: 0, everybody: false }
