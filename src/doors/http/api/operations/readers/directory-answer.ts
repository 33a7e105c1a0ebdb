import { z } from 'zod'
import type { StepKind } from '../../../../../ground/directory/directory.ts'
import { component } from '../../protocol/components.ts'
import { choice, timeOrNull } from '../../protocol/fields.ts'
import { EXAMPLE } from '../parts/examples.ts'

const STEPS: Readonly<Record<StepKind, string>> = {
  mailbox: 'It is a mailbox: its owner reads it.',
  off: 'It is a mailbox that is switched off, or whose domain is.',
  alias: 'It is an alias.',
  aliasdomain: 'Its domain stands for another one.',
  catchall: 'A catch-all takes it.',
  forward: 'It is forwarded.',
  cc: 'A copy of its mail goes on.',
  extension: 'The part after the recipient delimiter is dropped.',
  relay: 'It is in a domain that the server relays.',
  list: 'It is a mailing list.',
  outside: 'It is elsewhere. Without `to`, the configuration does not list it.',
  loop: 'It leads back to an address that was looked up before.',
  'too-many': 'It leads to more addresses than are followed.',
  unknown: 'No row has it.',
}

const step = z.object({
  is: choice('What the row says.', STEPS),
  from: z.string().describe('The address that was looked up.'),
  to: z.string().nullable().describe('Where its mail goes. Null when the way ends without a reader.'),
  row: z.string().nullable().describe("The row in the directory's own terms. Null when there is none."),
})

const person = z.object({
  address: z.string().describe("The reader's address."),
  on: z.boolean().describe('False when the mailbox is switched off: the reader gets no digests.'),
  language: z.string().nullable().describe('The language that the directory knows. Null when it knows none.'),
  timezone: z
    .string()
    .nullable()
    .describe('The time zone that the directory knows. Null when it knows none.'),
  name: z.string().nullable().describe("The owner's name. Null when the directory knows none."),
  client: z.string().nullable().describe('Whose customer the owner is. Null when the directory knows none.'),
})

const outdated = z.object({
  askedAt: timeOrNull.describe('When the directory gave this answer. Null when nobody knows.'),
  reason: z.string().describe('Why it gives none now.'),
})

/** Who reads the mail of an address. */
export const directoryAnswer = component(
  'DirectoryAnswer',
  z
    .object({
      address: z.string().describe('The address that was asked about.'),
      readers: z.array(z.string()).describe('Who gets digests about its mail.'),
      off: z.array(z.string()).describe('Who reads its mail, but is switched off.'),
      by: z.array(step).describe('How the directory came to it, in order.'),
      people: z.array(person).describe('What the directory knows of the readers.'),
      outdated: outdated
        .nullable()
        .describe('Set when the directory is away and this is its last known answer.'),
    })
    .describe('Who reads the mail of an address, and by which rows of the directory.'),
  {
    address: 'sales@example.com',
    readers: [EXAMPLE.reader],
    off: [],
    by: [
      { is: 'alias', from: 'sales@example.com', to: EXAMPLE.reader, row: 'mail_forwarding 12' },
      { is: 'mailbox', from: EXAMPLE.reader, to: EXAMPLE.reader, row: 'mail_user 3' },
    ],
    people: [
      {
        address: EXAMPLE.reader,
        on: true,
        language: 'fr',
        timezone: null,
        name: 'Alice',
        client: 'Example Ltd',
      },
    ],
    outdated: null,
  },
)
