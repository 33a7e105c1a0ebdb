import type { z } from 'zod'
import type { Desk } from '../../../../../desks/admin/desk.ts'
import { CodedError } from '../../../../../ground/errors.ts'
import type { Reach } from '../../../../../rules/reach/reach.ts'
import type { Schedule } from '../../../../../rules/schedule/schedule.ts'
import type { Context, Input, Reply } from '../../protocol/operation.ts'
import { scheduleAnswer } from './schedule-answer.ts'
import { changeOf, type scheduleChange } from './schedule-body.ts'

/**
 * Creates or changes the schedule that the path names.
 *
 * @param mustExist true: changes it only
 */
export async function setSchedule(
  context: Context,
  { params, by, expected }: Input<{ readonly name: string }>,
  body: z.output<typeof scheduleChange>,
  mustExist: boolean,
): Promise<Reply> {
  const { name } = params
  requireName(name, body.name)
  const set = await context.desk.schedules.set(by, name, changeOf(body), { expected, mustExist })
  return {
    status: set.created ? 201 : 200,
    body: { schedule: await showSchedule(context, by.reach, set.schedule), warnings: set.warnings },
    version: set.schedule.version,
  }
}

/**
 * Finds the schedule of this name.
 *
 * @throws CodedError SCHEDULE_UNKNOWN, also for a schedule out of reach
 */
export async function findSchedule(desk: Desk, reach: Reach, name: string): Promise<Schedule> {
  const found = (await desk.schedules.list(reach)).find(schedule => schedule.name === name)
  if (!found) throw new CodedError('SCHEDULE_UNKNOWN', `There is no schedule ${name}.`)
  return found
}

/** Returns a schedule as answers show it. */
export const showSchedule = async ({ desk }: Context, reach: Reach, found: Schedule) =>
  scheduleAnswer(found, await desk.schedules.nextRuns(reach, found.name), await desk.schedules.users(reach))

function requireName(name: string, nameInBody: string | undefined): void {
  if (nameInBody === undefined || nameInBody === name) return
  throw new CodedError(
    'REQUEST_INVALID',
    'The name in the body differs from the one in the path. A schedule cannot be renamed.',
  )
}
