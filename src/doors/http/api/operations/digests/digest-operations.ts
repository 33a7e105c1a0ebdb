import { rowFilters } from '../../protocol/fields.ts'
import { listOperation } from '../../protocol/list-operation.ts'
import { operation } from '../../protocol/operation.ts'
import { byHandOperation, idParams } from '../parts/by-hand-operation.ts'
import { digestState } from '../parts/digest-fields.ts'
import { hideUnreachable } from '../parts/hide-unreachable.ts'
import { detailsJson, digest, digestDetails, digestJson, resentDigest } from './digest-answer.ts'

const tag = 'Digests'

/** The operations on digests. */
export const DIGEST_OPERATIONS = [
  listOperation({
    path: '/digests',
    operationId: 'listDigests',
    tag,
    summary: 'Lists digests, newest first',
    filters: rowFilters(digestState, 'failed'),
    page: 'DigestPage',
    item: digest,
    list: ({ desk }, { query, by }) => desk.digests.list(by.reach, query),
    json: digestJson,
  }),
  operation({
    method: 'get',
    path: '/digests/{id}',
    operationId: 'getDigest',
    tag,
    summary: 'Returns a digest and what it lists',
    scope: 'read',
    params: idParams.digest,
    replies: { 200: { description: 'Returns the digest.', schema: digestDetails } },
    problems: ['DIGEST_UNKNOWN'],
    handle: async ({ desk }, { params, by }) => ({
      body: detailsJson(
        await hideUnreachable('DIGEST_UNKNOWN', () => desk.digests.find(by.reach, params.id)),
      ),
    }),
  }),
  operation({
    method: 'post',
    path: '/digests/{id}/resend',
    operationId: 'resendDigest',
    tag,
    summary: 'Sends a delivered digest again',
    description: 'The mail lists what can still be released. Its links end when those of the first mail do.',
    scope: 'write',
    params: idParams.digest,
    replies: { 202: { description: 'The digest is about to be sent.', schema: resentDigest } },
    problems: ['DIGEST_UNKNOWN', 'RESEND_REFUSED'],
    handle: async ({ desk }, { params, by }) => {
      const resend = () => desk.digests.resend(by, params.id)
      const { digestId, reader, times } = await hideUnreachable('DIGEST_UNKNOWN', resend)
      return { status: 202, body: { id: digestId, reader, times } }
    },
  }),
  byHandOperation({
    kind: 'digest',
    verb: 'retry',
    operationId: 'retryDigest',
    tag,
    summary: 'Tries to send a waiting or failed digest now',
    description: 'The messages of a failed digest go into a new one.',
  }),
  byHandOperation({
    kind: 'digest',
    verb: 'drop',
    operationId: 'dropDigest',
    tag,
    summary: 'Gives up a waiting digest',
    description: 'The digest is never sent.',
  }),
]
