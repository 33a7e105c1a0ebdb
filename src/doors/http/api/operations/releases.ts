import { z } from 'zod'
import type { Desk } from '../../../../desks/admin/desk.ts'
import type { ReleaseSummary } from '../../../../desks/admin/releases/find-releases.ts'
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
import { operation, type Reply } from '../protocol/operation.ts'
import { problemDocument } from '../protocol/problem.ts'
import { byHand, byHandReply } from './by-hand.ts'
import { heldMail, mailJson } from './held-mail.ts'

export const RELEASE_STATES = ['releasing', 'queued', 'released', 'failed', 'uncertain'] as const

const release = component(
  'Release',
  z.object({
    id: z.string(),
    state: z.enum(RELEASE_STATES),
    requestedBy: z.string().describe('The reader, or the name of an admin.'),
    requestedAt: time,
    finishedAt: timeOrNull,
    attempts: z.int(),
    nextAttemptAt: timeOrNull,
    code: z.string().nullable().describe('Why it has failed or waits.'),
    reply: z.string().nullable().describe("amavisd's last words."),
    reader: z.string().nullable(),
    recipient: z.string().nullable(),
    mailId: z.string().nullable().describe("amavisd's mail_id."),
    digestId: z.string().nullable(),
    mail: heldMail.nullable().describe('Null when amavisd has removed it.'),
  }),
)

const releasePage = component('ReleasePage', pageOf(release))

const releaseRequest = component(
  'ReleaseRequest',
  z.strictObject({
    mailId: line(64).describe("amavisd's mail_id."),
    recipient: line(320).describe('Who shall get it.'),
    again: z.boolean().default(false).describe('Also when an earlier attempt may have delivered it.'),
  }),
)

const released = component(
  'Released',
  z.object({
    status: z.enum(['released', 'already-released', 'queued']),
    code: z.string().nullable().describe('Why amavisd will be asked again.'),
    reply: z.string().nullable().describe("amavisd's last words."),
  }),
)

const params = { id: line(40) }
const tag = 'Releases'

export const RELEASE_OPERATIONS = [
  operation({
    method: 'get',
    path: '/releases',
    operationId: 'listReleases',
    tag,
    summary: 'Releases, those first that were asked for last',
    scope: 'read',
    query: {
      reader: whoseField.optional(),
      state: z.enum(RELEASE_STATES).optional(),
      since: sinceField.optional(),
      ...paging,
    },
    replies: { 200: { description: 'A part of the list.', schema: releasePage } },
    handle: async ({ desk }, { query, by }) => {
      const { reader, state, since, limit, cursor } = query
      const wanted = { reader, state, since: timeIn(since), limit, after: placeOf(cursor) }
      const found = await desk.releases.list(by.reach, wanted)
      return { body: { items: found.rows.map(releaseJson), next: cursorOf(found.next) } }
    },
  }),
  operation({
    method: 'post',
    path: '/releases',
    operationId: 'releaseMessage',
    tag,
    summary: 'Release one message to one recipient',
    description: 'As a click would; content that needs a confirmation counts as confirmed.',
    scope: 'write',
    body: releaseRequest,
    replies: {
      200: { description: 'It is released, now or before.', schema: released },
      202: { description: 'amavisd could not do it now, and is asked again.', schema: released },
    },
    problems: ['MESSAGE_GONE', 'POLICY_REFUSED', 'AMAVISD_REFUSED', 'RELEASE_UNCERTAIN'],
    handle: async ({ desk }, { body, by }) => releasedReply(await desk.releases.release({ ...body, by })),
  }),
  operation({
    method: 'post',
    path: '/releases/{id}/retry',
    operationId: 'retryRelease',
    tag,
    summary: 'Ask amavisd again for what waits, has failed or is uncertain',
    description: 'Where the answer was lost, this may give a second copy.',
    scope: 'write',
    params,
    replies: { 200: { description: 'What became of it.', schema: byHand } },
    problems: ['RELEASE_UNKNOWN'],
    handle: ({ desk }, { params, by }) =>
      byHandReply('release', params.id, one => desk.stuck.retry({ ...one, by })),
  }),
  operation({
    method: 'post',
    path: '/releases/{id}/drop',
    operationId: 'dropRelease',
    tag,
    summary: 'Give up a release that waits: amavisd is not asked any more',
    scope: 'write',
    params,
    replies: { 200: { description: 'What became of it.', schema: byHand } },
    problems: ['RELEASE_UNKNOWN'],
    handle: ({ desk }, { params, by }) =>
      byHandReply('release', params.id, one => desk.stuck.drop({ ...one, by })),
  }),
]

const releaseJson = (found: ReleaseSummary): z.output<typeof release> => ({
  id: found.itemId,
  state: found.state,
  requestedBy: found.askedBy,
  requestedAt: isoTime(found.requestedAt),
  finishedAt: isoTimeOrNull(found.finishedAt),
  attempts: found.attempts,
  nextAttemptAt: isoTimeOrNull(found.nextAttemptAt),
  code: found.code,
  reply: found.reply,
  reader: found.reader,
  recipient: found.recipient,
  mailId: found.mailId,
  digestId: found.digestId,
  mail: mailJson(found.mail),
})

function releasedReply({ status, code, reply }: Awaited<ReturnType<Desk['releases']['release']>>): Reply {
  if (status !== 'failed') return { status: status === 'queued' ? 202 : 200, body: { status, code, reply } }
  const why = code ?? 'AMAVISD_REFUSED'
  const words = reply === null ? '' : ` amavisd: ${reply}`
  const problem = problemDocument(
    why,
    `${why === 'RELEASE_UNCERTAIN' ? UNCERTAIN : 'It was not released.'}${words}`,
  )
  return { status: problem.status, body: problem, isProblem: true }
}

const UNCERTAIN =
  'It may have been delivered: the answer was lost. Look into the mailbox first; if it is not there, ask with "again".'
