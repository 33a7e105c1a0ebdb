import { z } from 'zod'
import type { Desk } from '../../../../desks/admin/desk.ts'
import { scheduleJson } from '../../../../desks/admin/schedules/schedule-json.ts'
import { KINDS } from '../../../../ground/amavis/content.ts'
import { LONGEST_CRON } from '../../../../ground/cron/cron-fault.ts'
import { parseDuration } from '../../../../ground/durations.ts'
import { CodedError } from '../../../../ground/errors.ts'
import type { Reach } from '../../../../rules/reach/reach.ts'
import { type Filter, scoreSchema } from '../../../../rules/schedule/filter.ts'
import type { Schedule } from '../../../../rules/schedule/schedule.ts'
import type { ScheduleChange } from '../../../../rules/schedule/schedule-change.ts'
import { MIN_MESSAGES, MOST_CRONS, SCHEDULE_NAME } from '../../../../rules/schedule/schedule-faults.ts'
import type { ScheduleUsers } from '../../../../work/schedules/schedule-users.ts'
import { component } from '../protocol/components.ts'
import { line, timeOrNull, versionField } from '../protocol/fields.ts'
import { type Context, type Input, operation, type Reply } from '../protocol/operation.ts'

const filterAnswer = z
  .object({
    kinds: z.array(z.enum(KINDS)).nullable(),
    minScore: z.number().nullable(),
    maxScore: z.number().nullable(),
  })
  .nullable()

const users = z
  .object({
    readers: z.int(),
    domains: z.int(),
    everybody: z.boolean().describe('Whether it is set for everybody.'),
  })
  .describe('Whose settings name it, within reach.')

const schedule = component(
  'Schedule',
  z.object({
    name: z.string(),
    cron: z.array(z.string()),
    timezone: z.string().describe("IANA name, or `reader`: each reader's own."),
    default: z.boolean(),
    on: z.boolean(),
    filter: filterAnswer.describe('Null: all messages.'),
    minMessages: z.int(),
    sendEmpty: z.boolean(),
    spread: z.string(),
    readersMayChoose: z.boolean(),
    version: z.int(),
    next: timeOrNull.describe('Null when it is off or cannot be read.'),
    usedBy: users,
  }),
)

const scheduleList = component('ScheduleList', z.object({ items: z.array(schedule) }))

const changedSchedule = component(
  'ChangedSchedule',
  z.object({ schedule, warnings: z.array(z.string()).describe('About what was done all the same.') }),
)

const removedSchedule = component(
  'RemovedSchedule',
  z.object({
    fallenBack: z.int().describe('How many settings named it: they hold without it now.'),
    warnings: z.array(z.string()).describe('About what was done all the same.'),
  }),
)

export const crons = z
  .array(z.string().min(1).max(LONGEST_CRON))
  .min(1)
  .max(MOST_CRONS)
  .describe('Cron expressions of five fields.')

const timezone = line(64).describe("IANA name, or `reader`: each reader's own.")

const score = scoreSchema.nullable().optional()

const filter = z
  .strictObject({
    kinds: z.array(z.enum(KINDS)).min(1).max(KINDS.length).nullable().optional(),
    minScore: score.describe('The least score, inclusive.'),
    maxScore: score.describe('Below this score.'),
  })
  .nullable()
  .describe('Which messages it carries; null: all.')

const spread = z
  .string()
  .regex(/^\d{1,6}(ms|s|m|h)$/, 'expected a span of time such as 30m')
  .describe('The time over which the mails of a run are spread, such as 30m.')

const fields = {
  cron: crons,
  timezone,
  default: z.boolean().describe('True: for all who have no schedule of their own, from now on.'),
  on: z.boolean(),
  filter,
  minMessages: z.int().min(MIN_MESSAGES.least).max(MIN_MESSAGES.most),
  sendEmpty: z.boolean().describe('Whether readers are told when nothing was held.'),
  spread,
  readersMayChoose: z.boolean(),
}

/** What an answer holds besides, so that it can be sent back as it came. */
const told = {
  name: z.string().optional().describe('As in the path.'),
  next: z.unknown().optional().describe('Not read.'),
  usedBy: z.unknown().optional().describe('Not read.'),
  version: versionField,
}

const wholeSchedule = component(
  'WholeSchedule',
  z.strictObject({
    cron: fields.cron,
    timezone: fields.timezone,
    default: fields.default.default(false),
    on: fields.on.default(true),
    filter: fields.filter.default(null),
    minMessages: fields.minMessages.default(1),
    sendEmpty: fields.sendEmpty.default(false),
    spread: fields.spread.default('0s'),
    readersMayChoose: fields.readersMayChoose.default(false),
    ...told,
  }),
)

const scheduleChange = component(
  'ScheduleChange',
  z.strictObject({ ...z.strictObject(fields).partial().shape, ...told }),
)

const params = {
  name: z.string().regex(SCHEDULE_NAME, 'expected lower-case letters, digits and dashes'),
}

const common = { tag: 'Schedules', isVersioned: true } as const

export const SCHEDULE_OPERATIONS = [
  operation({
    method: 'get',
    path: '/schedules',
    operationId: 'listSchedules',
    tag: common.tag,
    summary: 'All schedules',
    description: 'A key for some domains sees those that concern them.',
    scope: 'read',
    replies: { 200: { description: 'All there are, by their names.', schema: scheduleList } },
    handle: async (context, { by }) => {
      const all = await context.desk.schedules.list(by.reach)
      const next = await context.desk.schedules.nextRuns(by.reach)
      const users = await context.desk.schedules.users(by.reach)
      return { body: { items: all.map(one => answerOf(one, next, users)) } }
    },
  }),
  operation({
    ...common,
    method: 'get',
    path: '/schedules/{name}',
    operationId: 'getSchedule',
    summary: 'One schedule',
    scope: 'read',
    params,
    replies: { 200: { description: 'The schedule.', schema: schedule } },
    problems: ['SCHEDULE_UNKNOWN'],
    handle: async (context, { params, by }) => {
      const found = await find(context.desk, by.reach, params.name)
      return { body: await shown(context, by.reach, found), version: found.version }
    },
  }),
  operation({
    ...common,
    method: 'put',
    path: '/schedules/{name}',
    operationId: 'putSchedule',
    summary: 'Make a schedule, or say all of one anew',
    description: 'What is left out becomes the standard.',
    scope: 'write',
    params,
    body: wholeSchedule,
    replies: {
      200: { description: 'It was changed.', schema: changedSchedule },
      201: { description: 'It was made.', schema: changedSchedule },
    },
    problems: ['SCHEDULE_INVALID'],
    handle: (context, input) => set(context, input, input.body),
  }),
  operation({
    ...common,
    method: 'patch',
    path: '/schedules/{name}',
    operationId: 'patchSchedule',
    summary: 'Change a schedule',
    description: 'What is left out stays.',
    scope: 'write',
    params,
    body: scheduleChange,
    replies: { 200: { description: 'It was changed.', schema: changedSchedule } },
    problems: ['SCHEDULE_UNKNOWN', 'SCHEDULE_INVALID'],
    handle: async (context, input) => {
      await find(context.desk, input.by.reach, input.params.name)
      return set(context, input, input.body)
    },
  }),
  operation({
    ...common,
    method: 'delete',
    path: '/schedules/{name}',
    operationId: 'deleteSchedule',
    summary: 'Remove a schedule',
    description: 'Readers whose settings name it get their other ones, or the default one.',
    scope: 'write',
    params,
    query: {
      evenIfUsed: z.boolean().default(false).describe('Also when settings name it.'),
    },
    replies: { 200: { description: 'It was removed.', schema: removedSchedule } },
    problems: ['SCHEDULE_UNKNOWN', 'SCHEDULE_IN_USE', 'SCHEDULE_INVALID'],
    handle: async ({ desk }, { params, query, by, expected }) => {
      const options = { expected, evenIfUsed: query.evenIfUsed }
      return { body: await desk.schedules.remove(by, params.name, options).catch(withWayOut) }
    },
  }),
]

const shown = async ({ desk }: Context, reach: Reach, found: Schedule) =>
  answerOf(found, await desk.schedules.nextRuns(reach, found.name), await desk.schedules.users(reach))

const answerOf = (
  found: Schedule,
  next: Readonly<Record<string, string>>,
  users: ReadonlyMap<string, ScheduleUsers>,
) => ({ ...scheduleJson(found, next[found.name]), usedBy: users.get(found.name) ?? NOBODY })

const NOBODY: ScheduleUsers = { readers: 0, domains: 0, everybody: false }

function withWayOut(error: unknown): never {
  if (!(error instanceof CodedError) || error.code !== 'SCHEDULE_IN_USE') throw error
  throw new CodedError(error.code, `${error.message} To remove it all the same, add ?evenIfUsed=true.`)
}

async function find(desk: Desk, reach: Reach, name: string): Promise<Schedule> {
  const found = (await desk.schedules.list(reach)).find(one => one.name === name)
  if (!found) throw new CodedError('SCHEDULE_UNKNOWN', `There is no schedule ${name}.`)
  return found
}

async function set(
  context: Context,
  { params, by, expected }: Input<{ readonly name: string }>,
  body: z.output<typeof scheduleChange>,
): Promise<Reply> {
  requireName(params.name, body.name)
  if (body.default === false) await requireOtherDefault(context.desk, params.name)
  const { schedule, created, warnings } = await context.desk.schedules.set(
    by,
    params.name,
    changeOf(body),
    expected,
  )
  return {
    status: created ? 201 : 200,
    body: { schedule: await shown(context, by.reach, schedule), warnings },
    version: schedule.version,
  }
}

function requireName(name: string, written: string | undefined): void {
  if (written === undefined || written === name) return
  throw new CodedError(
    'REQUEST_INVALID',
    'A schedule keeps its name: the body has another one than the path.',
  )
}

/** There is a default always: another one is made it. */
async function requireOtherDefault(desk: Desk, name: string): Promise<void> {
  const isDefault = (await desk.schedules.list(undefined)).some(one => one.name === name && one.isDefault)
  if (!isDefault) return
  throw new CodedError(
    'SCHEDULE_INVALID',
    `${name} is the default schedule: make another one the default instead.`,
  )
}

const changeOf = (body: z.output<typeof scheduleChange>): ScheduleChange => ({
  crons: body.cron,
  timeZone: body.timezone,
  filter: body.filter && filterOf(body.filter),
  minMessages: body.minMessages,
  sendsEmpty: body.sendEmpty,
  spread: body.spread === undefined ? undefined : parseDuration(body.spread),
  isOffered: body.readersMayChoose,
  isDefault: body.default === true ? true : undefined,
  enabled: body.on,
})

/** Null says nothing; and who says nothing at all has no filter. */
function filterOf(written: NonNullable<z.output<typeof filter>>): Filter | null {
  const said = Object.fromEntries(Object.entries(written).filter(([, value]) => value !== null))
  return Object.keys(said).length === 0 ? null : said
}
