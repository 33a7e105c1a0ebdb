import { z } from 'zod'
import type { ReleaseOutcome } from '../../../../../work/release/release-message.ts'
import { component } from '../../protocol/components.ts'
import { choice } from '../../protocol/fields.ts'
import type { Reply } from '../../protocol/operation.ts'
import { problemDocument } from '../../protocol/problem.ts'
import { RELEASE_EXAMPLE } from './release-fields.ts'

const STATUSES: Readonly<Record<Exclude<ReleaseOutcome['status'], 'failed' | 'requested'>, string>> = {
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

/** The answers to a request to release a message, besides problems. */
export const RELEASE_REPLIES = {
  200: { description: 'The message is released, now or before.', schema: released },
  202: {
    description: 'amavisd could not release it now and is asked again.',
    schema: released,
    example: QUEUED,
  },
}

interface Released extends Pick<ReleaseOutcome, 'status' | 'code'> {
  /** amavisd's. */
  readonly reply: string | null
}

/** Returns the answer to a request to release a message: a problem if it failed. */
export function releasedReply({ status, code, reply }: Released): Reply {
  // A key of the API decides like an admin, and asks nobody.
  if (status !== 'failed' && status !== 'requested')
    return { status: status === 'queued' ? 202 : 200, body: { status, code, reply } }
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
