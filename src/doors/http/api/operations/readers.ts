import { z } from 'zod'
import type { Desk } from '../../../../desks/admin/desk.ts'
import type { ListedMessage } from '../../../../desks/admin/digests/find-digest.ts'
import { DIGEST_STATES } from '../../../../desks/admin/digests/find-digests.ts'
import type { ReaderSummary } from '../../../../desks/admin/readers/find-readers.ts'
import { explanationJson } from '../../../../desks/admin/settings/settings-json.ts'
import { readerAddress } from '../../../../ground/directory/reader-address.ts'
import { CodedError } from '../../../../ground/errors.ts'
import { component } from '../protocol/components.ts'
import { cursorOf, placeOf } from '../protocol/cursor.ts'
import { isoTime, line, pageOf, paging, time } from '../protocol/fields.ts'
import { type Input, operation } from '../protocol/operation.ts'
import { heldMail, mailJson } from './held-mail.ts'
import { explanation } from './settings-answer.ts'

const reader = component(
  'Reader',
  z.object({
    address: z.string(),
    waiting: z.int().describe('Messages that no digest lists yet.'),
    lastDigest: z.object({ id: z.string(), createdAt: time, state: z.enum(DIGEST_STATES) }).nullable(),
    hasSettings: z.boolean(),
  }),
)

const readerPage = component(
  'ReaderPage',
  pageOf(reader).extend({ cut: z.boolean().describe('The search was broken off: `next` goes on with it.') }),
)

const waitingMessage = z.object({
  mailId: z.string(),
  recipient: z.string(),
  receivedAt: time,
  mail: heldMail.nullable().describe('Null when amavis has removed it.'),
})

const readerDetails = component(
  'ReaderDetails',
  z.object({
    address: z.string(),
    settings: explanation,
    waiting: z.array(waitingMessage).describe('What waits for the next digest: 100 at most.'),
  }),
)

const preview = component(
  'DigestPreview',
  z.object({
    subject: z.string(),
    listed: z.int(),
    html: z.string().describe('Its links lead nowhere.'),
    text: z.string(),
  }),
)

const sentNow = component(
  'SentNow',
  z.object({
    digests: z.int(),
    sent: z.int(),
    outcome: z.enum(['sent', 'queued', 'nothing-waits', 'refused']),
  }),
)

const params = { address: line(320) }
const tag = 'Readers'

export const READER_OPERATIONS = [
  operation({
    method: 'get',
    path: '/readers',
    operationId: 'listReaders',
    tag,
    summary: 'Readers of whom anything is known',
    scope: 'read',
    query: {
      search: line(320).optional().describe('Any part of addresses; those that begin with it come first.'),
      ...paging,
    },
    replies: { 200: { description: 'A part of the list.', schema: readerPage } },
    handle: async ({ desk }, { query, by }) => {
      const { search, limit, cursor } = query
      const found = await desk.readers.list(by.reach, { search, limit, after: placeOf(cursor) })
      return { body: { items: found.rows.map(readerJson), next: cursorOf(found.next), cut: found.cut } }
    },
  }),
  operation({
    method: 'get',
    path: '/readers/{address}',
    operationId: 'getReader',
    tag,
    summary: 'One reader: what holds, and what waits',
    scope: 'read',
    params,
    replies: { 200: { description: 'Also for readers of whom nothing is known.', schema: readerDetails } },
    handle: async ({ desk }, input) => {
      const address = await readerOf(desk, input)
      const { reach } = input.by
      const settings = explanationJson(await desk.settings.explain(reach, address))
      const waiting = (await desk.readers.waitingMail(reach, address)).map(waitingJson)
      return { body: { address, settings, waiting } }
    },
  }),
  operation({
    method: 'get',
    path: '/readers/{address}/digest-preview',
    operationId: 'previewDigest',
    tag,
    summary: 'The digest that a reader would get now',
    scope: 'read',
    params,
    replies: { 200: { description: 'Nothing is claimed or sent.', schema: preview } },
    problems: ['NOTHING_WAITS'],
    handle: async ({ desk }, input) => {
      const found = await desk.digests.preview(input.by.reach, await readerOf(desk, input))
      if (!found) throw new CodedError('NOTHING_WAITS', 'Nothing waits for this reader.')
      const { subject, listed, html, text } = found
      return { body: { subject, listed, html, text } }
    },
  }),
  operation({
    method: 'post',
    path: '/readers/{address}/send-now',
    operationId: 'sendNow',
    tag,
    summary: 'Send a reader a digest of all that waits, now',
    description: 'Whatever the schedule says, and though the reader has paused.',
    scope: 'write',
    params,
    replies: { 200: { description: 'What became of it.', schema: sentNow } },
    problems: ['SETTING_LOCKED', 'READER_UNKNOWN'],
    handle: async ({ desk }, input) => {
      const { digests, sent, outcome } = await desk.digests.sendNow(await readerOf(desk, input), input.by)
      return { body: { digests, sent, outcome } satisfies z.output<typeof sentNow> }
    },
  }),
]

/** @throws CodedError REQUEST_INVALID, OUT_OF_REACH */
async function readerOf(
  { readers }: Desk,
  { params, by }: Input<{ readonly address: string }>,
): Promise<string> {
  const address = readerAddress(params.address)
  if (address === undefined) {
    throw new CodedError('REQUEST_INVALID', 'Expected an address in the path, as in alice@example.com.')
  }
  const [reader = address] = await readers.readersOf(by.reach, [address])
  return reader
}

const readerJson = (found: ReaderSummary): z.output<typeof reader> => ({
  address: found.reader,
  waiting: found.waiting,
  lastDigest: found.lastDigest
    ? { ...found.lastDigest, createdAt: isoTime(found.lastDigest.createdAt) }
    : null,
  hasSettings: found.hasSettings,
})

const waitingJson = (found: ListedMessage): z.output<typeof waitingMessage> => ({
  mailId: found.mailId,
  recipient: found.recipient,
  receivedAt: isoTime(found.receivedAt),
  mail: mailJson(found.mail),
})
