import { z } from 'zod'
import type { AuditLine } from '../../../../../desks/admin/changes/find-changes.ts'
import type { Actor } from '../../../../../ground/audit/record.ts'
import { component } from '../../protocol/components.ts'
import { choice, isoTime, time } from '../../protocol/fields.ts'
import { EXAMPLE } from '../parts/examples.ts'

const ACTOR_KINDS: Readonly<Record<Actor['kind'], string>> = {
  reader: 'A reader, by a link in a digest.',
  admin: 'An admin, on a page, on the command line or with a key of the API.',
  program: 'The program itself.',
}

export const auditLine = component(
  'AuditLine',
  z
    .object({
      id: z.string().describe('The id of the line.'),
      at: time.describe('When it happened.'),
      actorKind: choice('What kind of actor did it.', ACTOR_KINDS),
      actor: z.string().describe('The address of the reader, or the name of the admin or the key.'),
      remoteAddress: z
        .string()
        .nullable()
        .describe('The network address of the request. Null when there is none.'),
      action: z
        .string()
        .describe('What was done, such as `release` or `settings-set`. Later versions add more.'),
      itemId: z
        .string()
        .nullable()
        .describe('The id of the message in digests. Null when it is about no message.'),
      mailId: z
        .string()
        .nullable()
        .describe("The id of the message in amavisd's log. Null when it is no longer known."),
      digestId: z
        .string()
        .nullable()
        .describe('The digest that it is about, or that lists the message. Null when there is none.'),
      recipient: z
        .string()
        .nullable()
        .describe('The address or `@domain` that it is about. Null when it is about all.'),
      outcome: z.string().describe('What came of it: a word such as `released`, or the code of a failure.'),
      detail: z
        .string()
        .nullable()
        .describe(
          "More about it, such as amavisd's reply, what was changed, or by whose copy of a digest. May be null.",
        ),
    })
    .describe('Who did what, and what came of it.'),
  {
    id: EXAMPLE.auditId,
    at: EXAMPLE.releasedAt,
    actorKind: 'reader',
    actor: EXAMPLE.reader,
    remoteAddress: '192.0.2.25',
    action: 'release',
    itemId: EXAMPLE.itemId,
    mailId: EXAMPLE.mailId,
    digestId: EXAMPLE.digestId,
    recipient: EXAMPLE.reader,
    outcome: 'released',
    detail: '250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4fXk2B1cQz',
  },
)

/** Returns a line of the audit as answers show it. */
export const auditJson = (found: AuditLine): z.output<typeof auditLine> => ({
  id: found.id,
  at: isoTime(found.at),
  actorKind: found.actorKind,
  actor: found.actor,
  remoteAddress: found.remoteAddress,
  action: found.action,
  itemId: found.itemId,
  mailId: found.mailId,
  digestId: found.digestId,
  recipient: found.recipient,
  outcome: found.outcome,
  detail: found.detail,
})
