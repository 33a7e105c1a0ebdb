import { z } from 'zod'
import type { ReleaseSummary } from '../../../../../desks/admin/releases/find-releases.ts'
import { component, exampleOf } from '../../protocol/components.ts'
import { count, isoTimeOrNull, timeOrNull } from '../../protocol/fields.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { heldMail, mailJson } from '../parts/held-message.ts'
import { RELEASE_EXAMPLE, releaseFields, releaseFieldsJson } from '../parts/release-fields.ts'

export const release = component(
  'Release',
  z
    .object({
      id: z
        .string()
        .describe(
          'The id of the release, whichever of the readers asked. The message has it in the digest of the recipient; in the digests of other readers it has another id, by which the release can be retried and dropped, too.',
        ),
      ...releaseFields,
      attempts: count.describe('How often amavisd was asked.'),
      nextAttemptAt: timeOrNull.describe('When amavisd is asked next. Null when it is not.'),
      reader: z
        .string()
        .nullable()
        .describe('The reader who asked, or for whom an admin asked. Null when it is no longer known.'),
      recipient: z.string().nullable().describe('Who got the message. Null when it is no longer known.'),
      mailId: z
        .string()
        .nullable()
        .describe("The id of the message in amavisd's log (`mail_id`). Null when it is no longer known."),
      digestId: z.string().nullable().describe('The digest that lists the message. Null when none does.'),
      mail: heldMail.nullable().describe('The message. Null when amavisd has removed it.'),
    })
    .describe('The release of one message to one recipient.'),
  {
    id: EXAMPLE.itemId,
    ...RELEASE_EXAMPLE,
    attempts: 1,
    nextAttemptAt: null,
    reader: EXAMPLE.reader,
    recipient: EXAMPLE.reader,
    mailId: EXAMPLE.mailId,
    digestId: EXAMPLE.digestId,
    mail: { ...exampleOf(heldMail), state: 'released' },
  },
)

/** Returns a release as answers show it. */
export const releaseJson = (found: ReleaseSummary): z.output<typeof release> => ({
  id: found.heldId,
  ...releaseFieldsJson(found),
  attempts: found.attempts,
  nextAttemptAt: isoTimeOrNull(found.nextAttemptAt),
  reader: found.reader,
  recipient: found.recipient,
  mailId: found.mailId,
  digestId: found.digestId,
  mail: mailJson(found.mail),
})
