import { z } from 'zod'
import { component } from '../../protocol/components.ts'
import { line } from '../../protocol/fields.ts'
import { operation } from '../../protocol/operation.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { RELEASE_REPLIES, releasedReply } from '../parts/released-reply.ts'

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
  replies: RELEASE_REPLIES,
  problems: ['MESSAGE_GONE', 'POLICY_REFUSED', 'AMAVISD_REFUSED', 'RELEASE_UNCERTAIN'],
  handle: async ({ desk }, { body, by }) => releasedReply(await desk.releases.release({ ...body, by })),
})
