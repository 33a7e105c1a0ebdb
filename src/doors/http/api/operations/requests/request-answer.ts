import { z } from 'zod'
import { LONGEST_NOTE, type RequestState } from '../../../../../work/requests/request.ts'
import { component, exampleOf } from '../../protocol/components.ts'
import { choice, time, timeOrNull } from '../../protocol/fields.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { kind } from '../parts/held-message.ts'

const STATES: Readonly<Record<RequestState, string>> = {
  waiting: 'Nobody has decided.',
  approved: 'An admin has approved.',
  refused: 'An admin has refused.',
  expired: 'Nobody decided in time.',
  released: 'The message was released otherwise.',
  gone: 'The message was deleted, or the quarantine no longer has it.',
}

export const requestState = choice('What has become of a request.', STATES)

const requestMail = z.object({
  from: z.string().describe('The From header field, or the envelope sender where there is none.'),
  sender: z.string().describe('The envelope sender. Empty for a bounce.'),
  subject: z.string().describe('The Subject header field.'),
  score: z.number().nullable().describe('The spam score. Null when the message was not scored.'),
  reason: z.string().describe('Why it is held, in English.'),
  size: z.int().min(0).describe('The size in octets.'),
})

export const request = component(
  'Request',
  z
    .object({
      id: z.string().describe('The id of the request.'),
      ref: z.string().describe('Names the held message for this recipient.'),
      mailId: z.string().describe("The id of the message in amavisd's log (`mail_id`)."),
      partitionTag: z.int().describe("amavisd's `partition_tag`."),
      recipient: z.string().describe('The envelope recipient, as amavisd stored it.'),
      reader: z.string().nullable().describe('Who asked first. Null when another program filed the request.'),
      readers: z.array(z.string()).describe('All who asked, in the order in which they did.'),
      state: requestState,
      type: kind,
      time: time.describe('When amavisd received the message.'),
      askedAt: time.describe('When it was asked for first.'),
      expiresAt: time.describe('When the request ends if nobody decides.'),
      firstApprovalBy: z
        .string()
        .nullable()
        .describe('The first of two admins who have to approve. Null when one is enough, or nobody has yet.'),
      decidedBy: z.string().nullable().describe('Who decided. Null when nobody did.'),
      decidedAt: timeOrNull.describe('When that was. Null when nobody decided.'),
      note: z.string().nullable().describe('What the admin says to the readers. Null for nothing.'),
      mail: requestMail
        .nullable()
        .describe(
          'The message. Its sender wrote the texts, so do not trust them. Null when the quarantine no longer has it.',
        ),
    })
    .describe('A held message for one recipient that readers have asked for.'),
  {
    id: EXAMPLE.requestId,
    ref: EXAMPLE.heldRef,
    mailId: EXAMPLE.mailId,
    partitionTag: 0,
    recipient: EXAMPLE.reader,
    reader: EXAMPLE.reader,
    readers: [EXAMPLE.reader],
    state: 'waiting',
    type: 'banned',
    time: EXAMPLE.receivedAt,
    askedAt: EXAMPLE.digestAt,
    expiresAt: '2026-03-18T05:00:00.000Z',
    firstApprovalBy: null,
    decidedBy: null,
    decidedAt: null,
    note: null,
    mail: {
      from: 'Sam Sender <sam@sender.example.net>',
      sender: 'sam@sender.example.net',
      subject: 'Your invoice of March',
      score: null,
      reason: 'invoice.exe',
      size: 4711,
    },
  },
)

export const requestPage = component(
  'RequestPage',
  z
    .object({
      requests: z.array(request).describe('The requests of this page, in the order of the list.'),
      next: z.string().nullable().describe('The `cursor` of the next page. Null on the last page.'),
    })
    .describe('A page of the list of requests.'),
  { requests: [exampleOf(request)], next: null },
)

export const decision = component(
  'RequestDecision',
  z
    .strictObject({
      note: z
        .string()
        .max(LONGEST_NOTE)
        .optional()
        .describe('What is said to the readers, as text. Without it, nothing is.'),
    })
    .describe('What goes with a decision.'),
  { note: 'Open it with care.' },
)

export const decided = component(
  'RequestDecided',
  z
    .object({
      id: z.string().describe('The id of the request.'),
      state: requestState,
      decision: choice('What the decision was.', {
        approved: 'The message is released.',
        refused: 'The message stays in the quarantine.',
        first: 'It is the first of two approvals. Somebody else has to approve, too.',
      }),
      release: z
        .object({
          status: choice('What became of the release.', {
            released: 'amavisd has released the message.',
            'already-released': 'The message was released before.',
            queued: 'amavisd could not release the message now. It is asked again later.',
            failed: 'The message was not released. `code` says why.',
          }),
          code: z.string().nullable().describe('Why it is not released. Null when it is.'),
        })
        .nullable()
        .describe('The release after an approval. Null when nothing was to be released.'),
    })
    .describe('What became of a decision.'),
  {
    id: EXAMPLE.requestId,
    state: 'approved',
    decision: 'approved',
    release: { status: 'released', code: null },
  },
)
