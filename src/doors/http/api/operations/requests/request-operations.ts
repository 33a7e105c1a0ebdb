import { z } from 'zod'
import { decisionJson, requestJson } from '../../../../../desks/requests/request-json.ts'
import { REQUEST_STATES } from '../../../../../work/requests/request.ts'
import { cursorOf, placeOf } from '../../protocol/cursor.ts'
import { paging } from '../../protocol/fields.ts'
import { type Json, type Operation, operation } from '../../protocol/operation.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { decided, decision, request, requestPage } from './request-answer.ts'

const common = { tag: 'Requests', scope: 'requests:decide' } as const

const params = {
  id: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'expected the id of a request')
    .meta({ description: 'The id of the request.', example: EXAMPLE.requestId }),
}

const listRequests = operation({
  ...common,
  method: 'get',
  path: '/requests',
  operationId: 'listRequests',
  summary: 'Lists what readers have asked for',
  description: 'What waits comes with the oldest first, everything else with the newest first.',
  query: {
    state: z
      .enum([...REQUEST_STATES, 'any'])
      .default('waiting')
      .meta({ description: 'Only requests of this state. `any` lists all of them.', example: 'waiting' }),
    ...paging,
  },
  replies: { 200: { description: 'Returns a page of the list.', schema: requestPage } },
  handle: async ({ requests }, { query: { state, limit, cursor }, viewer }) => {
    const after = placeOf(cursor)
    const page = await requests.list(viewer, { state: state === 'any' ? undefined : state, limit, after })
    return {
      body: {
        requests: page.requests.map(requestJson),
        next: cursorOf(page.next),
      } satisfies Json<z.output<typeof requestPage>>,
    }
  },
})

const getRequest = operation({
  ...common,
  method: 'get',
  path: '/requests/{id}',
  operationId: 'getRequest',
  summary: 'Returns a request',
  params,
  replies: { 200: { description: 'Returns the request.', schema: request } },
  problems: ['REQUEST_UNKNOWN'],
  handle: async ({ requests }, { params, viewer }) => ({
    body: requestJson(await requests.find(viewer, params.id)) satisfies Json<z.output<typeof request>>,
  }),
})

const decide = (
  verb: 'approve' | 'refuse',
  about: { readonly summary: string; readonly description: string },
) =>
  operation({
    ...common,
    ...about,
    method: 'post',
    path: `/requests/{id}/${verb}`,
    operationId: `${verb}Request`,
    params,
    body: decision,
    isBodyOptional: true,
    replies: { 200: { description: 'The decision counts.', schema: decided } },
    problems:
      verb === 'approve'
        ? ['REQUEST_UNKNOWN', 'REQUEST_DECIDED', 'EDIT_CONFLICT', 'MESSAGE_GONE', 'POLICY_REFUSED']
        : ['REQUEST_UNKNOWN', 'REQUEST_DECIDED', 'EDIT_CONFLICT', 'MESSAGE_GONE'],
    handle: async ({ requests }, { params, body, viewer }) => ({
      body: decisionJson(await requests[verb](viewer, params.id, body)) satisfies Json<
        z.output<typeof decided>
      >,
    }),
  })

/** The operations on requests. */
export const REQUEST_OPERATIONS: readonly Operation[] = [
  listRequests,
  getRequest,
  decide('approve', {
    summary: 'Approves a request',
    description: 'The message is released to its recipient. The first decision counts.',
  }),
  decide('refuse', {
    summary: 'Refuses a request',
    description: 'The message stays in the quarantine, and its readers are told. The first decision counts.',
  }),
]
