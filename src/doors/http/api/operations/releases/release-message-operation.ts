import { z } from 'zod'
import type { ReleaseDesk } from '../../../../../desks/admin/releases/release-desk.ts'
import { component } from '../../protocol/components.ts'
import { choice, line } from '../../protocol/fields.ts'
import { operation, type Reply } from '../../protocol/operation.ts'
import { problemDocument } from '../../protocol/problem.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { RELEASE_EXAMPLE } from '../parts/release-fields.ts'

const releaseRequest = component(
  'ReleaseRequest',
  z
    .strictObject({
      mailId: line(64).describe("The id of the message in amavisd's log (`mail_id`)."),
      recipient: line(320).describe('The recipient who is to get the message.'),
      again: z
        .boolean()
        .default(false)
        .describe('True: release the message even if an earlier attempt may have delivered it.'),
    })
    .describe('A message to be released to one recipient.'),
  { mailId: EXAMPLE.mailId, recipient: EXAMPLE.reader },
)

const STATUSES: Readonly<Record<Exclude<Released['status'], 'failed'>, string>> = {
  released: 'amavisd has released the message.',
  'already-released': 'The message was released before. Nothing was done.',
  queued: 'amavisd could not release the message now. It is asked again later.',
}

const released = component(
  'Released',
  z
    .object({
      status: choice('What became of the request.', STATUSES),
      code: z.string().nullable().describe('Why amavisd is asked again. Null when the message is released.'),
      reply: z.string().nullable().describe("amavisd's last reply. Null when there was none."),
    })
    .describe('What became of a request to release a message.'),
  { status: 'released', code: null, reply: RELEASE_EXAMPLE.reply },
)

const QUEUED = {
  status: 'queued',
  code: 'AMAVISD_DEFERRED',
  reply: '451 4.5.0 the next MTA is away',
} satisfies z.output<typeof released>

/** Releases a message, as a click on a link in a digest would. */
export const releaseMessage = operation({
  method: 'post',
  path: '/releases',
  operationId: 'releaseMessage',
  tag: 'Releases',
  summary: 'Releases a message to one recipient',
  description: [
    "The key must cover the reader of the recipient's mail. The recipient's own domain does not matter.",
    'Mail that needs a confirmation counts as confirmed.',
  ].join(' '),
  scope: 'write',
  body: releaseRequest,
  replies: {
    200: { description: 'The message is released, now or before.', schema: released },
    202: {
      description: 'amavisd could not release it now and is asked again.',
      schema: released,
      example: QUEUED,
    },
  },
  problems: ['MESSAGE_GONE', 'POLICY_REFUSED', 'AMAVISD_REFUSED', 'RELEASE_UNCERTAIN'],
  handle: async ({ desk }, { body, by }) => replyOf(await desk.releases.release({ ...body, by })),
})

type Released = Awaited<ReturnType<ReleaseDesk['release']>>

function replyOf({ status, code, reply }: Released): Reply {
  if (status !== 'failed') return { status: status === 'queued' ? 202 : 200, body: { status, code, reply } }
  const problemCode = code ?? 'AMAVISD_REFUSED'
  const explanation = problemCode === 'RELEASE_UNCERTAIN' ? UNCERTAIN : 'The message was not released.'
  const detail = reply === null ? explanation : `${explanation} amavisd: ${reply}`
  const problem = problemDocument(problemCode, detail)
  return { status: problem.status, body: problem, isProblem: true }
}

const UNCERTAIN = [
  "The message may have been delivered: amavisd's answer was lost.",
  'Look into the mailbox first. If it is not there, send "again": true.',
].join(' ')
