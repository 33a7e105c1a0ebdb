import type { z } from 'zod'
import type { Desk } from '../../../../../desks/admin/desk.ts'
import { CodedError } from '../../../../../ground/errors.ts'
import type { Reach } from '../../../../../rules/reach/reach.ts'
import type { Schedule } from '../../../../../rules/schedule/schedule.ts'
import type { Context, Input, Reply } from '../../protocol/operation.ts'
import { scheduleAnswer } from './schedule-answer.ts'
import { changeOf, type scheduleChange } from './schedule-body.ts'

/** Creates or changes the schedule that the path names. */
export async function setSchedule(
  context: Context,
  { params, by, expected }: Input<{ readonly name: string }>,
  body: z.output<typeof scheduleChange>,
): Promise<Reply> {
  const { name } = params
  requireName(name, body.name)
  if (body.default === false) await requireOtherDefault(context.desk, name)
  const set = await context.desk.schedules.set(by, name, changeOf(body), expected)
  return {
    status: set.created ? 201 : 200,
    body: { schedule: await showSchedule(context, by.reach, set.schedule), warnings: set.warnings },
    version: set.schedule.version,
  }
}

/**
 * Finds the schedule of this name.
 *
 * @throws CodedError SCHEDULE_UNKNOWN, also for one that is not in reach
 */
export async function findSchedule(desk: Desk, reach: Reach, name: string): Promise<Schedule> {
  const found = (await desk.schedules.list(reach)).find(one => one.name === name)
  if (!found) throw new CodedError('SCHEDULE_UNKNOWN', `There is no schedule ${name}.`)
  return found
}

/** Returns a schedule as answers show it. */
export const showSchedule = async ({ desk }: Context, reach: Reach, found: Schedule) =>
  scheduleAnswer(found, await desk.schedules.nextRuns(reach, found.name), await desk.schedules.users(reach))

function requireName(name: string, written: string | undefined): void {
  if (written === undefined || written === name) return
  throw new CodedError(
    'REQUEST_INVALID',
    'A schedule keeps its name, but the body has another name than the path.',
  )
}

/** There is always a default schedule. It ends when another one becomes the default. */
async function requireOtherDefault(desk: Desk, name: string): Promise<void> {
  const isDefault = (await desk.schedules.list(undefined)).some(one => one.name === name && one.isDefault)
  if (!isDefault) return
  throw new CodedError(
    'SCHEDULE_INVALID',
    `${name} is the default schedule. Make another one the default instead.`,
  )
}
