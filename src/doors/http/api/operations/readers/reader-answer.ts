import { z } from 'zod'
import type { ReaderSummary } from '../../../../../desks/admin/readers/find-readers.ts'
import type { SendNowOutcome } from '../../../../../work/digest/send/send-now.ts'
import { component, exampleOf } from '../../protocol/components.ts'
import { choice, count, isoTime, time } from '../../protocol/fields.ts'
import { digestState } from '../parts/digest-fields.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { heldMail, MESSAGE_EXAMPLE, messageFields } from '../parts/held-message.ts'
import { explanation } from '../settings/explanation-answer.ts'

const lastDigest = z.object({
  id: z.string().describe('The id of the digest.'),
  createdAt: time.describe('When the digest was made.'),
  state: digestState,
})

export const reader = component(
  'Reader',
  z
    .object({
      address: z.string().describe("The reader's address."),
      waiting: count.describe('How many messages wait for the next digest.'),
      lastDigest: lastDigest.nullable().describe('The newest digest. Null when there is none.'),
      hasSettings: z.boolean().describe('True when something is set for this reader alone.'),
    })
    .describe('A mailbox owner with held mail, a digest or settings.'),
  {
    address: EXAMPLE.reader,
    waiting: 2,
    lastDigest: { id: EXAMPLE.digestId, createdAt: EXAMPLE.digestAt, state: 'sent' },
    hasSettings: true,
  },
)

export const readerDetails = component(
  'ReaderDetails',
  z
    .object({
      address: z.string().describe("The reader's address. The directory gives it for an alias in the path."),
      settings: explanation.describe("The reader's settings, and where each comes from."),
      waiting: z
        .array(z.object(messageFields))
        .describe('The messages that wait for the next digest, newest first, at most 100.'),
    })
    .describe('A reader, with the settings that apply and the messages that wait.'),
  {
    address: EXAMPLE.reader,
    settings: exampleOf(explanation),
    waiting: [{ ...MESSAGE_EXAMPLE, mail: exampleOf(heldMail) }],
  },
)

export const digestPreview = component(
  'DigestPreview',
  z
    .object({
      subject: z.string().describe('The subject of the mail.'),
      listed: count.describe('How many messages the digest lists.'),
      html: z.string().describe('The HTML part. Its links lead nowhere.'),
      text: z.string().describe('The text part. Its links lead nowhere.'),
    })
    .describe('The digest that a reader would get now.'),
  {
    subject: '2 messages were held',
    listed: 2,
    html: '<!doctype html><html lang="en">…</html>',
    text: '2 messages were held for alice@example.com …',
  },
)

const OUTCOMES: Readonly<Record<SendNowOutcome, string>> = {
  sent: 'The SMTP server took the digest.',
  queued: 'The digest is sent as soon as the SMTP server takes it.',
  'nothing-waits': 'No message waits, so there is no digest.',
  refused: 'The SMTP server refused the digest.',
}

export const sentNow = component(
  'SentNow',
  z
    .object({
      digests: count.describe('How many digests were made.'),
      sent: count.describe('How many digests the SMTP server took.'),
      outcome: choice('What became of it.', OUTCOMES),
    })
    .describe('The outcome of sending a digest now.'),
  { digests: 1, sent: 1, outcome: 'sent' },
)

/** Returns a reader as answers show it. */
export const readerJson = (found: ReaderSummary): z.output<typeof reader> => ({
  address: found.reader,
  waiting: found.waiting,
  lastDigest: found.lastDigest
    ? { ...found.lastDigest, createdAt: isoTime(found.lastDigest.createdAt) }
    : null,
  hasSettings: found.hasSettings,
})
