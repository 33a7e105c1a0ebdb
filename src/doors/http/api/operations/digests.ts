import { z } from 'zod'
import type { DigestDetails, ListedMessage } from '../../../../desks/admin/digests/find-digest.ts'
import type { DigestSummary } from '../../../../desks/admin/digests/find-digests.ts'
import { DIGEST_STATES } from '../../../../desks/admin/digests/find-digests.ts'
import { component } from '../protocol/components.ts'
import { cursorOf, placeOf } from '../protocol/cursor.ts'
import {
  isoTime,
  isoTimeOrNull,
  line,
  pageOf,
  paging,
  sinceField,
  time,
  timeIn,
  timeOrNull,
  whoseField,
} from '../protocol/fields.ts'
import { operation } from '../protocol/operation.ts'
import { auditJson, auditLine } from './audit.ts'
import { byHand, byHandReply } from './by-hand.ts'
import { heldMail, mailJson } from './held-mail.ts'
import { RELEASE_STATES } from './releases.ts'
import { unreached } from './unreached.ts'

const digest = component(
  'Digest',
  z.object({
    id: z.string(),
    reader: z.string(),
    deliverTo: z.string(),
    state: z.enum(DIGEST_STATES),
    schedule: z.string().nullable().describe('Null: made by hand, or its run is not kept any more.'),
    createdAt: time,
    finishedAt: timeOrNull,
    attempts: z.int(),
    nextAttemptAt: time,
    leaseUntil: timeOrNull.describe('A process has it in hand until then.'),
    messages: z.int().describe('How many it lists.'),
    reply: z.string().nullable().describe("The SMTP server's last words."),
    readByMachineAt: timeOrNull.describe('When a machine was first seen to read it.'),
    resent: z.int().describe('How often it was sent once more.'),
    language: z.string(),
    timezone: z.string(),
  }),
)

const digestPage = component('DigestPage', pageOf(digest))

const message = z.object({
  id: z.string().describe('Of the message in this program: its release has the same one.'),
  mailId: z.string().describe("amavisd's mail_id."),
  recipient: z.string(),
  receivedAt: time,
  mail: heldMail.nullable().describe('Null when amavisd has removed it.'),
  release: z
    .object({
      state: z.enum(RELEASE_STATES),
      requestedBy: z.string().describe('The reader, or the name of an admin.'),
      requestedAt: time,
      finishedAt: timeOrNull,
      code: z.string().nullable(),
      reply: z.string().nullable(),
    })
    .nullable(),
})

const digestDetails = component(
  'DigestDetails',
  z.object({
    digest,
    messages: z.array(message).describe('The first 100 of them.'),
    audit: z.array(auditLine).describe('What was done with it and with them: the last 100 lines.'),
  }),
)

const resent = component(
  'ResentDigest',
  z.object({
    id: z.string(),
    reader: z.string(),
    times: z.int().describe('How often it was asked for once more, this time included.'),
  }),
)

const params = { id: line(40) }
const tag = 'Digests'

export const DIGEST_OPERATIONS = [
  operation({
    method: 'get',
    path: '/digests',
    operationId: 'listDigests',
    tag,
    summary: 'Digests, the newest first',
    scope: 'read',
    query: {
      reader: whoseField.optional(),
      state: z.enum(DIGEST_STATES).optional(),
      since: sinceField.optional(),
      ...paging,
    },
    replies: { 200: { description: 'A part of the list.', schema: digestPage } },
    handle: async ({ desk }, { query, by }) => {
      const { reader, state, since, limit, cursor } = query
      const wanted = { reader, state, since: timeIn(since), limit, after: placeOf(cursor) }
      const found = await desk.digests.list(by.reach, wanted)
      return { body: { items: found.rows.map(digestJson), next: cursorOf(found.next) } }
    },
  }),
  operation({
    method: 'get',
    path: '/digests/{id}',
    operationId: 'getDigest',
    tag,
    summary: 'One digest, and what it lists',
    scope: 'read',
    params,
    replies: { 200: { description: 'The digest.', schema: digestDetails } },
    problems: ['DIGEST_UNKNOWN'],
    handle: async ({ desk }, { params, by }) => ({
      body: detailsJson(await unreached('DIGEST_UNKNOWN', () => desk.digests.find(by.reach, params.id))),
    }),
  }),
  operation({
    method: 'post',
    path: '/digests/{id}/resend',
    operationId: 'resendDigest',
    tag,
    summary: 'Send a delivered digest once more',
    scope: 'write',
    params,
    replies: { 202: { description: 'It is about to be sent.', schema: resent } },
    problems: ['DIGEST_UNKNOWN', 'RESEND_REFUSED'],
    handle: async ({ desk }, { params, by }) => {
      const { digestId, reader, times } = await unreached('DIGEST_UNKNOWN', () =>
        desk.digests.resend(by, params.id),
      )
      return { status: 202, body: { id: digestId, reader, times } }
    },
  }),
  operation({
    method: 'post',
    path: '/digests/{id}/retry',
    operationId: 'retryDigest',
    tag,
    summary: 'Try a digest again now that waits or has failed',
    scope: 'write',
    params,
    replies: { 200: { description: 'What became of it.', schema: byHand } },
    problems: ['DIGEST_UNKNOWN'],
    handle: ({ desk }, { params, by }) =>
      byHandReply('digest', params.id, one => desk.stuck.retry({ ...one, by })),
  }),
  operation({
    method: 'post',
    path: '/digests/{id}/drop',
    operationId: 'dropDigest',
    tag,
    summary: 'Give up a digest that waits: it is never sent',
    scope: 'write',
    params,
    replies: { 200: { description: 'What became of it.', schema: byHand } },
    problems: ['DIGEST_UNKNOWN'],
    handle: ({ desk }, { params, by }) =>
      byHandReply('digest', params.id, one => desk.stuck.drop({ ...one, by })),
  }),
]

const digestJson = (found: DigestSummary): z.output<typeof digest> => ({
  id: found.id,
  reader: found.reader,
  deliverTo: found.deliverTo,
  state: found.state,
  schedule: found.schedule,
  createdAt: isoTime(found.createdAt),
  finishedAt: isoTimeOrNull(found.finishedAt),
  attempts: found.attempts,
  nextAttemptAt: isoTime(found.nextAttemptAt),
  leaseUntil: isoTimeOrNull(found.leaseUntil),
  messages: found.itemCount,
  reply: found.reply,
  readByMachineAt: isoTimeOrNull(found.canaryAt),
  resent: found.resent,
  language: found.language,
  timezone: found.timeZone,
})

const detailsJson = (found: DigestDetails): z.output<typeof digestDetails> => ({
  digest: digestJson(found.digest),
  messages: found.messages.map(messageJson),
  audit: found.audit.map(auditJson),
})

const messageJson = (found: ListedMessage): z.output<typeof message> => ({
  id: found.itemId,
  mailId: found.mailId,
  recipient: found.recipient,
  receivedAt: isoTime(found.receivedAt),
  mail: mailJson(found.mail),
  release: found.release
    ? {
        state: found.release.state,
        requestedBy: found.release.askedBy,
        requestedAt: isoTime(found.release.requestedAt),
        finishedAt: isoTimeOrNull(found.release.finishedAt),
        code: found.release.code,
        reply: found.release.reply,
      }
    : null,
})
