import { z } from 'zod'
import { MAX_CRON_LENGTH } from '../../../../../ground/cron/cron-fault.ts'
import { parseDuration } from '../../../../../ground/durations.ts'
import { type Filter, scoreSchema } from '../../../../../rules/schedule/filter.ts'
import type { ScheduleChange } from '../../../../../rules/schedule/schedule-change.ts'
import { MAX_CRONS, MIN_MESSAGES } from '../../../../../rules/schedule/schedule-faults.ts'
import { component } from '../../protocol/components.ts'
import { line, versionField } from '../../protocol/fields.ts'
import { kind } from '../parts/held-message.ts'

export const crons = z
  .array(z.string().min(1).max(MAX_CRON_LENGTH))
  .min(1)
  .max(MAX_CRONS)
  .describe('When the schedule is due, as cron expressions of five fields.')

export const timezone = line(64)

const score = scoreSchema.nullable().optional()

const filter = z
  .strictObject({
    kinds: z
      .array(kind)
      .min(1)
      .max(kind.options.length)
      .nullable()
      .optional()
      .describe('Only these kinds of mail. Null: every kind.'),
    minScore: score.describe('Only messages with at least this spam score. Null: no lower bound.'),
    maxScore: score.describe('Only messages below this spam score. Null: no upper bound.'),
  })
  .nullable()
  .describe('Which messages the digests list. Null: all.')

const fields = {
  cron: crons,
  timezone: timezone.describe(
    "The time zone of the expressions: an IANA name, or `reader` for each reader's own.",
  ),
  default: z.boolean().describe('True makes it the schedule of readers who have no other.'),
  on: z.boolean().describe('False when the schedule makes no digests.'),
  filter,
  minMessages: z
    .int()
    .min(MIN_MESSAGES.least)
    .max(MIN_MESSAGES.most)
    .describe('With fewer messages there is no digest, unless one of them is about to expire.'),
  sendEmpty: z.boolean().describe('True when readers get a digest even if nothing was held.'),
  spread: z
    .string()
    .regex(/^\d{1,6}(ms|s|m|h)$/, 'expected a span of time such as 30m')
    .describe('The span of time over which the mails of a run are sent, such as `30m`. At most two hours.'),
  readersMayChoose: z.boolean().describe('True when readers may choose the schedule themselves.'),
}

/** The other properties of an answer, accepted so that an answer can be sent back unchanged. */
const answerFields = {
  name: z.string().optional().describe('The name of the schedule. It must be the one in the path.'),
  next: z.unknown().optional().describe('Ignored. An answer can be sent back as it came.'),
  usedBy: z.unknown().optional().describe('Ignored. An answer can be sent back as it came.'),
  version: versionField,
}

export const completeSchedule = component(
  'WholeSchedule',
  z
    .strictObject({
      cron: fields.cron,
      timezone: fields.timezone,
      default: fields.default.default(false),
      on: fields.on.default(true),
      filter: fields.filter.default(null),
      minMessages: fields.minMessages.default(1),
      sendEmpty: fields.sendEmpty.default(false),
      spread: fields.spread.default('0s'),
      readersMayChoose: fields.readersMayChoose.default(false),
      ...answerFields,
    })
    .describe('A schedule. What is left out gets its default.'),
  { cron: ['0 7,15 * * 1-5'], timezone: 'reader', filter: { kinds: ['spam', 'banned'], maxScore: 15 } },
)

export const scheduleChange = component(
  'ScheduleChange',
  z
    .strictObject({ ...z.strictObject(fields).partial().shape, ...answerFields })
    .describe('A change of a schedule. What is left out stays.'),
  { spread: '30m', readersMayChoose: true, version: 3 },
)

/** Reads a change. What is left out stays. */
export const changeOf = (body: z.output<typeof scheduleChange>): ScheduleChange => ({
  crons: body.cron,
  timeZone: body.timezone,
  filter: body.filter && filterOf(body.filter),
  minMessages: body.minMessages,
  sendsEmpty: body.sendEmpty,
  spread: body.spread === undefined ? undefined : parseDuration(body.spread),
  isOffered: body.readersMayChoose,
  isDefault: body.default,
  enabled: body.on,
})

/** Null means no bound, and a filter without any bound is no filter. */
function filterOf(body: NonNullable<z.output<typeof filter>>): Filter | null {
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
  return Object.keys(given).length === 0 ? null : given
}
