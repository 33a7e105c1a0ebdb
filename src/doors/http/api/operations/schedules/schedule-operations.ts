import { z } from 'zod'
import { CodedError } from '../../../../../ground/errors.ts'
import { SCHEDULE_NAME } from '../../../../../rules/schedule/schedule-faults.ts'
import { operation } from '../../protocol/operation.ts'
import {
  changedSchedule,
  removedSchedule,
  schedule,
  scheduleAnswer,
  scheduleList,
} from './schedule-answer.ts'
import { completeSchedule, scheduleChange } from './schedule-body.ts'
import { findSchedule, setSchedule, showSchedule } from './set-schedule.ts'

const params = {
  name: z
    .string()
    .regex(SCHEDULE_NAME, 'expected lower-case letters, digits and dashes')
    .meta({ description: 'The name of the schedule.', example: 'weekdays' }),
}

const common = { tag: 'Schedules', isVersioned: true, params } as const

/** The operations on schedules. */
export const SCHEDULE_OPERATIONS = [
  operation({
    method: 'get',
    path: '/schedules',
    operationId: 'listSchedules',
    tag: common.tag,
    summary: 'Lists all schedules',
    description: 'A key for some domains sees those that concern them.',
    scope: 'read',
    replies: { 200: { description: 'Returns all schedules, by name.', schema: scheduleList } },
    handle: async ({ desk: { schedules } }, { by }) => {
      const all = await schedules.list(by.reach)
      const next = await schedules.nextRuns(by.reach)
      const users = await schedules.users(by.reach)
      return { body: { items: all.map(found => scheduleAnswer(found, next, users)) } }
    },
  }),
  operation({
    ...common,
    method: 'get',
    path: '/schedules/{name}',
    operationId: 'getSchedule',
    summary: 'Returns a schedule',
    scope: 'read',
    replies: { 200: { description: 'Returns the schedule.', schema: schedule } },
    problems: ['SCHEDULE_UNKNOWN'],
    handle: async (context, { params, by }) => {
      const found = await findSchedule(context.desk, by.reach, params.name)
      return { body: await showSchedule(context, by.reach, found), version: found.version }
    },
  }),
  operation({
    ...common,
    method: 'put',
    path: '/schedules/{name}',
    operationId: 'putSchedule',
    summary: 'Creates a schedule or replaces all of it',
    description: 'What is left out gets its default.',
    scope: 'write',
    body: completeSchedule,
    replies: {
      200: { description: 'Returns the changed schedule.', schema: changedSchedule },
      201: { description: 'Returns the new schedule.', schema: changedSchedule },
    },
    problems: ['SCHEDULE_INVALID'],
    handle: (context, input) => setSchedule(context, input, input.body, false),
  }),
  operation({
    ...common,
    method: 'patch',
    path: '/schedules/{name}',
    operationId: 'patchSchedule',
    summary: 'Changes some fields of a schedule',
    description: 'What is left out stays.',
    scope: 'write',
    body: scheduleChange,
    replies: { 200: { description: 'Returns the changed schedule.', schema: changedSchedule } },
    problems: ['SCHEDULE_UNKNOWN', 'SCHEDULE_INVALID'],
    handle: (context, input) => setSchedule(context, input, input.body, true),
  }),
  operation({
    ...common,
    method: 'delete',
    path: '/schedules/{name}',
    operationId: 'deleteSchedule',
    summary: 'Removes a schedule',
    description: 'Readers whose settings name it get their other schedules, or the default one.',
    scope: 'write',
    query: {
      evenIfUsed: z
        .boolean()
        .default(false)
        .meta({ description: 'True: remove the schedule even if settings name it.', example: true }),
    },
    replies: { 200: { description: 'The schedule is removed.', schema: removedSchedule } },
    problems: ['SCHEDULE_UNKNOWN', 'SCHEDULE_IN_USE', 'SCHEDULE_INVALID'],
    handle: async ({ desk }, { params, query, by, expected }) => {
      const options = { expected, evenIfUsed: query.evenIfUsed }
      return { body: await desk.schedules.remove(by, params.name, options).catch(explainEvenIfUsed) }
    },
  }),
]

function explainEvenIfUsed(error: unknown): never {
  if (!(error instanceof CodedError) || error.code !== 'SCHEDULE_IN_USE') throw error
  throw new CodedError(error.code, `${error.message} To remove it all the same, add ?evenIfUsed=true.`)
}
