import { z } from 'zod'
import type { DeletionOutcome } from '../../../../../work/quarantine/delete-held.ts'
import { component } from '../../protocol/components.ts'
import { choice } from '../../protocol/fields.ts'
import { type Operation, operation } from '../../protocol/operation.ts'
import { RELEASE_REPLIES, releasedReply } from '../parts/released-reply.ts'
import { namedOneRef, recipientQuery, refParams } from './held-path.ts'

/** What the operations on one message for one recipient share. */
const ACT = { tag: 'Held mail', scope: 'held:release', params: refParams } as const

const releaseHeld = operation({
  ...ACT,
  method: 'post',
  path: '/held/{ref}/release',
  operationId: 'releaseHeld',
  summary: 'Releases a held message to one recipient, as a click in a digest does',
  description: 'Mail that needs a confirmation counts as confirmed.',
  query: {
    ...recipientQuery,
    again: z.boolean().default(false).meta({
      description: 'True: release the message even if an earlier attempt may have delivered it.',
      example: false,
    }),
  },
  replies: RELEASE_REPLIES,
  problems: [
    'HELD_UNKNOWN',
    'MESSAGE_GONE',
    'POLICY_REFUSED',
    'AMAVISD_REFUSED',
    'RELEASE_UNCERTAIN',
    'DIRECTORY_UNREACHABLE',
    'DIRECTORY_REFUSED',
  ],
  handle: async ({ quarantine }, { params, query: { recipient, again }, viewer }) => {
    const ref = await namedOneRef(quarantine, viewer, { ...params, recipient })
    const { status, code } = await quarantine.release(viewer, ref, { confirmed: true, again })
    const reply = (await quarantine.releaseStates(viewer, ref)).get(ref)?.reply ?? null
    return releasedReply({ status, code, reply })
  },
})

const STATUSES: Readonly<Record<DeletionOutcome['status'], string>> = {
  deleted: 'It is deleted for this recipient. Until the purge takes it, it can be restored.',
  restored: 'It is in the quarantine as before.',
  'already-released': 'It was released. Nothing was done.',
  'being-released': 'It is being released. It is not deleted.',
}

const removed = component(
  'HeldDeletion',
  z
    .object({ status: choice('What became of the message.', STATUSES) })
    .describe('What became of a request to delete or to restore a message.'),
  { status: 'deleted' },
)

const deleteHeld = operation({
  ...ACT,
  method: 'delete',
  path: '/held/{ref}',
  operationId: 'deleteHeld',
  summary: 'Deletes a held message for one recipient',
  description: 'A release that waits is withdrawn. Released mail is never deleted.',
  query: recipientQuery,
  replies: { 200: { description: 'Returns what became of it.', schema: removed } },
  problems: ['HELD_UNKNOWN'],
  handle: async ({ quarantine }, { params, query, viewer }) => ({
    body: await quarantine.delete(viewer, await namedOneRef(quarantine, viewer, { ...params, ...query })),
  }),
})

const restoreHeld = operation({
  ...ACT,
  method: 'post',
  path: '/held/{ref}/restore',
  operationId: 'restoreHeld',
  summary: 'Takes back that a held message was deleted',
  query: recipientQuery,
  replies: {
    200: { description: 'Returns what became of it.', schema: removed, example: { status: 'restored' } },
  },
  problems: ['HELD_UNKNOWN'],
  handle: async ({ quarantine }, { params, query, viewer }) => ({
    body: await quarantine.restore(viewer, await namedOneRef(quarantine, viewer, { ...params, ...query })),
  }),
})

/** What is done with one message for one recipient. */
export const HELD_ACT_OPERATIONS: readonly Operation[] = [deleteHeld, restoreHeld, releaseHeld]
