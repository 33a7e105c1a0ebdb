import { z } from 'zod'
import type { DigestDetails, ListedMessage } from '../../../../../desks/admin/digests/find-digest.ts'
import type { DigestSummary } from '../../../../../desks/admin/digests/find-digests.ts'
import { component, exampleOf } from '../../protocol/components.ts'
import { count, isoTime, isoTimeOrNull, timeOrNull } from '../../protocol/fields.ts'
import { auditJson, auditLine } from '../audit/audit-line.ts'
import { DIGEST_EXAMPLE, digestFields } from '../parts/digest-fields.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { heldMail, MESSAGE_EXAMPLE, messageFields, messageJson } from '../parts/held-message.ts'
import { RELEASE_EXAMPLE, releaseFields, releaseFieldsJson } from '../parts/release-fields.ts'

export const digest = component(
  'Digest',
  z
    .object({
      ...digestFields,
      schedule: z
        .string()
        .nullable()
        .describe(
          'The schedule of the run. Null when the digest was made by hand or the run is no longer kept.',
        ),
      readByMachineAt: timeOrNull.describe(
        'When a machine was first seen reading the digest. Null when none was.',
      ),
      resent: count.describe('How often the digest was sent again.'),
      language: z.string().describe('The language of the digest, as a BCP 47 tag.'),
      timezone: z.string().describe('The time zone of the times in the digest, as an IANA name.'),
    })
    .describe('A digest for one reader.'),
  {
    ...DIGEST_EXAMPLE,
    schedule: 'daily',
    readByMachineAt: null,
    resent: 0,
    language: 'en',
    timezone: 'Europe/Paris',
  },
)

const message = z.object({
  id: z.string().describe('The id of the message in digests. Its release has the same id.'),
  ...messageFields,
  release: z
    .object(releaseFields)
    .nullable()
    .describe('The release of the message. Null when nobody asked for one.'),
})

export const digestDetails = component(
  'DigestDetails',
  z
    .object({
      digest: digest.describe('The digest.'),
      messages: z.array(message).describe('The messages that the digest lists, newest first, at most 100.'),
      audit: z
        .array(auditLine)
        .describe('What was done with the digest and its messages, newest first, at most 100 lines.'),
    })
    .describe('A digest with what it lists.'),
  {
    digest: exampleOf(digest),
    messages: [
      {
        id: EXAMPLE.itemId,
        ...MESSAGE_EXAMPLE,
        mail: { ...exampleOf(heldMail), state: 'released' },
        release: RELEASE_EXAMPLE,
      },
    ],
    audit: [exampleOf(auditLine)],
  },
)

export const resentDigest = component(
  'ResentDigest',
  z
    .object({
      id: z.string().describe('The id of the digest.'),
      reader: z.string().describe('Whose digest it is.'),
      times: count.describe('How often the digest was sent again, this time included.'),
    })
    .describe('A digest that is about to be sent again.'),
  { id: EXAMPLE.digestId, reader: EXAMPLE.reader, times: 1 },
)

/** Returns a digest as answers show it. */
export const digestJson = (found: DigestSummary): z.output<typeof digest> => ({
  id: found.id,
  reader: found.reader,
  deliverTo: found.deliverTo,
  copyOf: found.copyOf,
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

/** Returns a digest and what it lists as answers show them. */
export const detailsJson = (found: DigestDetails): z.output<typeof digestDetails> => ({
  digest: digestJson(found.digest),
  messages: found.messages.map(listedJson),
  audit: found.audit.map(auditJson),
})

const listedJson = (found: ListedMessage): z.output<typeof message> => ({
  id: found.itemId,
  ...messageJson(found),
  release: found.release ? releaseFieldsJson(found.release) : null,
})
