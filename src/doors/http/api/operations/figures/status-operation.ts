import { z } from 'zod'
import { statusJson } from '../../../../../desks/admin/stuck/status-json.ts'
import { operation } from '../../protocol/operation.ts'
import { status } from './status-answer.ts'

/** The state of the program, as the command line prints it. */
export const getStatus = operation({
  method: 'get',
  path: '/status',
  operationId: 'getStatus',
  tag: 'Figures',
  summary: 'Returns what is under way, what waits and what went wrong',
  description: 'Returns what "amavis-digest status --json" prints. The key must cover all domains.',
  scope: 'read',
  query: {
    limit: z
      .int()
      .min(1)
      .max(1000)
      .default(100)
      .meta({ description: 'The most lines of each list.', example: 100 }),
  },
  replies: { 200: { description: 'Returns the state as it is now.', schema: status } },
  handle: async ({ desk }, { query, by }) => ({
    body: statusJson(await desk.stuck.status(by.reach, query.limit)) as object,
  }),
})
