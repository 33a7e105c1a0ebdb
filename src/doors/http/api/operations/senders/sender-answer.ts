import { z } from 'zod'
import type { SenderCaution } from '../../../../../desks/senders/sender-desk.ts'
import type { ListStanding } from '../../../../../ground/senders/sender-lists.ts'
import type { SenderList } from '../../../../../rules/senders/sender-entry.ts'
import { component, exampleOf } from '../../protocol/components.ts'
import { choice, count } from '../../protocol/fields.ts'
import { EXAMPLE } from '../parts/examples.ts'

const LISTS: Readonly<Record<SenderList, string>> = {
  allow: 'The spam check lets the mail through.',
  block: 'The mail is held.',
}

export const listChoice = choice("What becomes of the sender's mail.", LISTS)

const STANDINGS: Readonly<Record<ListStanding, string>> = {
  follows: 'amavisd reads these lists.',
  inherits: 'The mailbox has no policy of its own, so amavisd ignores these lists.',
  unknown: 'amavisd has no settings for this address, so it ignores these lists.',
}

const CAUTIONS: Readonly<Record<SenderCaution, string>> = {
  authentication: 'The message failed SPF, DKIM or DMARC.',
  forgeable: 'Whoever writes the sender into the From field is let in, too.',
  ignored: 'amavisd ignores the lists of this owner.',
  'not-spam': 'The message was not held as spam, so the entry would not have helped.',
}

const senderFields = {
  sender: z
    .string()
    .describe(
      'An address (`bob@example.net`), a domain (`@example.net`) or one with its subdomains (`@.example.net`).',
    ),
  list: listChoice,
}

const storedSender = component(
  'StoredSender',
  z
    .object({
      ...senderFields,
      counts: z
        .boolean()
        .describe(
          'False when amavisd does not follow the entry: it is inactive, or has a form that never matches.',
        ),
    })
    .describe('An entry of an allow or block list.'),
  { sender: 'bob@example.net', list: 'allow', counts: true },
)

export const sendersPage = component(
  'SendersPage',
  z
    .object({
      owner: z.string().describe('Whose mail the entries are about.'),
      standing: choice('Whether amavisd follows these lists.', STANDINGS),
      senders: z.array(storedSender).describe('The entries of this page, ordered by sender.'),
      next: z.string().nullable().describe('The `cursor` of the next page. Null on the last page.'),
    })
    .describe('A page of the allow and block lists of an owner.'),
  { owner: EXAMPLE.reader, standing: 'follows', senders: [exampleOf(storedSender)], next: null },
)

export const senderChange = component(
  'SenderChange',
  z.strictObject({ list: listChoice }).describe('The list on which a sender is put.'),
  { list: 'allow' },
)

export const setSender = component(
  'SetSender',
  z
    .object({
      owner: z.string().describe('Whose mail the entry is about.'),
      ...senderFields,
      former: listChoice.nullable().describe('The list on which the sender was before. Null for none.'),
      cautions: z
        .array(choice('A caution.', CAUTIONS))
        .describe('What speaks against the entry, or keeps it from working.'),
    })
    .describe('An entry that was written.'),
  { owner: EXAMPLE.reader, sender: 'bob@example.net', list: 'allow', former: null, cautions: ['forgeable'] },
)

export const senderEffect = component(
  'SenderEffect',
  z
    .object({
      count: count.describe(
        'How many messages of the last 30 days it would have let through. For `block`: how many came from there.',
      ),
      atLeast: z.boolean().describe('True when there may be more, because looking stopped.'),
    })
    .describe('What an entry would have done.'),
  { count: 3, atLeast: false },
)
