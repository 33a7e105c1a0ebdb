import { z } from 'zod'
import type { Verdict } from '../../../../../work/learning/lesson.ts'
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

const VERDICTS = {
  spam: 'It was spam after all.',
  notSpam: 'It was held as spam, and was none.',
} as const satisfies Record<Verdict, string>

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

const taught = component(
  'Lesson',
  z
    .object({
      verdict: choice('What the filter was told.', VERDICTS),
      at: z.iso.datetime().describe('When.'),
    })
    .describe('What the filter was told about a message.'),
  { verdict: 'notSpam', at: '2026-03-11T06:00:00.000Z' },
)

const teachFilter = operation({
  ...ACT,
  method: 'post',
  path: '/held/{ref}/learn',
  operationId: 'learnFromHeld',
  summary: 'Tells the filter that a message was spam, or was not',
  description:
    'Of a message that was released; a virus and a banned file teach nothing. To say the same again changes nothing, and the last word counts.',
  query: {
    ...recipientQuery,
    verdict: choice('What the message was.', VERDICTS).meta({ example: 'notSpam' }),
  },
  replies: { 200: { description: 'The filter has been told.', schema: taught } },
  problems: ['HELD_UNKNOWN', 'MESSAGE_GONE', 'POLICY_REFUSED', 'LEARN_OFF', 'LEARN_FAILED'],
  handle: async ({ quarantine, learning }, { params, query: { recipient, verdict }, viewer }) => {
    const ref = await namedOneRef(quarantine, viewer, { ...params, recipient })
    const lesson = await learning.teach(viewer, ref, { verdict })
    return { body: { verdict: lesson.verdict, at: new Date(lesson.at).toISOString() } }
  },
})

/** What is done with one message for one recipient. */
export const HELD_ACT_OPERATIONS: readonly Operation[] = [deleteHeld, restoreHeld, releaseHeld, teachFilter]
