import { z } from 'zod'
import type { ListedState } from '../../../../../work/quarantine/held-list.ts'
import { component } from '../../protocol/components.ts'
import { choice, time } from '../../protocol/fields.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { kind } from '../parts/held-message.ts'

const STATES: Readonly<Record<ListedState, string>> = {
  held: 'It waits in the quarantine.',
  requested: 'The reader has asked an admin to release it.',
  released: 'It was released.',
  deleted: 'It was deleted. It can be restored until the purge takes it.',
}

/** The properties of a held message for one recipient. */
export const heldFields = {
  ref: z.string().describe('Names the message for this recipient in paths and in `refs`.'),
  mailId: z.string().describe("The id of the message in amavisd's log (`mail_id`)."),
  partitionTag: z.int().describe("amavisd's `partition_tag`. Two partitions may have the same mail id."),
  recipient: z.string().describe('The envelope recipient, as amavisd stored it.'),
  reader: z
    .string()
    .nullable()
    .describe('The first reader whom the directory names for the recipient. Null when it names none.'),
  readers: z.array(z.string()).describe('All of them whom the key covers.'),
  from: z.string().describe('The From header field, or the envelope sender where there is none.'),
  sender: z.string().describe('The envelope sender. Empty for a bounce.'),
  subject: z.string().describe('The Subject header field.'),
  time: time.describe('When amavisd received it.'),
  type: kind,
  score: z.number().nullable().describe('The spam score. Null when the message was not scored.'),
  reason: z
    .string()
    .describe('Why it is held, in English: the name of a file or virus, or what amavisd found.'),
  size: z.int().min(0).describe('The size in octets.'),
  state: choice('What has become of it for this recipient.', STATES),
  read: z.boolean().describe('True when the reader has opened it, or something was done with it.'),
  releasedBy: z
    .object({
      reader: z.string().nullable().describe('The reader. Null for an admin.'),
      admin: z
        .string()
        .nullable()
        .describe('The admin, or the name and id of the API key. Null for a reader.'),
      at: time.describe('When it was released.'),
    })
    .nullable()
    .describe('Who released it. Null when it is not released, or another program did.'),
}

export const HELD_EXAMPLE = {
  ref: EXAMPLE.heldRef,
  mailId: EXAMPLE.mailId,
  partitionTag: 0,
  recipient: EXAMPLE.reader,
  reader: EXAMPLE.reader,
  readers: [EXAMPLE.reader],
  from: 'Sam Sender <sam@sender.example.net>',
  sender: 'sam@sender.example.net',
  subject: 'Your invoice of March',
  time: EXAMPLE.receivedAt,
  type: 'spam',
  score: 7.5,
  reason: 'spam with 7.5 points',
  size: 4711,
  state: 'held',
  read: false,
  releasedBy: null,
} as const

export const heldMessage = component(
  'HeldMessage',
  z
    .object(heldFields)
    .describe(
      'A message in the quarantine, for one recipient. Its sender wrote the texts, so do not trust them.',
    ),
  { ...HELD_EXAMPLE, readers: [...HELD_EXAMPLE.readers] },
)

export const heldPage = component(
  'HeldPage',
  z
    .object({
      held: z.array(heldMessage).describe('The messages, one for each recipient, in the order of the list.'),
      next: z
        .string()
        .nullable()
        .describe('The `cursor` that goes on with the list. Null when all of the window was looked through.'),
      window: z
        .object({
          from: time.describe('Nothing received before this is in the list.'),
          to: time.describe('Nothing received at this time or later is in the list.'),
        })
        .describe('What the list looks through. `after:` in `search` widens it.'),
      lookedBackTo: time
        .nullable()
        .describe('How far back this page has looked, where it stopped before its end. Null otherwise.'),
      cut: z
        .boolean()
        .describe(
          'True when only the newest messages of the window were put in order, because there are more.',
        ),
    })
    .describe('A page of the list of held mail.'),
  {
    held: [{ ...HELD_EXAMPLE, readers: [...HELD_EXAMPLE.readers] }],
    next: null,
    window: { from: '2026-02-25T05:00:00.000Z', to: '2026-03-11T05:00:00.000Z' },
    lookedBackTo: null,
    cut: false,
  },
)
