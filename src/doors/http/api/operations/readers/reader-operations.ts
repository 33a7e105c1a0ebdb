import { z } from 'zod'
import type { Desk } from '../../../../../desks/admin/desk.ts'
import { explainedJson } from '../../../../../desks/admin/directory/directory-json.ts'
import { explanationJson } from '../../../../../desks/admin/settings/settings-json.ts'
import { readerAddress } from '../../../../../ground/directory/reader-address.ts'
import { CodedError } from '../../../../../ground/errors.ts'
import { line } from '../../protocol/fields.ts'
import { listOperation } from '../../protocol/list-operation.ts'
import { type Input, operation } from '../../protocol/operation.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { messageJson } from '../parts/held-message.ts'
import { directoryAnswer } from './directory-answer.ts'
import { digestPreview, reader, readerDetails, readerJson, sentNow } from './reader-answer.ts'

const params = {
  address: line(320).meta({
    description: "The reader's address, or an alias that the directory knows.",
    example: EXAMPLE.reader,
  }),
}

const tag = 'Readers'

/** The operations on readers. */
export const READER_OPERATIONS = [
  listOperation({
    path: '/readers',
    operationId: 'listReaders',
    tag,
    summary: 'Lists the known readers',
    filters: {
      search: line(320).optional().meta({
        description: 'A part of the address. Readers whose address begins with it come first.',
        example: 'alice',
      }),
    },
    page: 'ReaderPage',
    item: reader,
    more: {
      cut: z.boolean().meta({
        description: 'True when the search stopped early. `next` continues it.',
        example: false,
      }),
    },
    list: ({ desk }, { query, by }) => desk.readers.list(by.reach, query),
    json: readerJson,
  }),
  operation({
    method: 'get',
    path: '/readers/{address}',
    operationId: 'getReader',
    tag,
    summary: 'Returns the settings and the waiting messages of a reader',
    scope: 'read',
    params,
    replies: {
      200: { description: 'Returns the reader, even an unknown one.', schema: readerDetails },
    },
    handle: async ({ desk }, input) => {
      const address = await readerOf(desk, input)
      const { reach } = input.by
      const settings = explanationJson(await desk.settings.explain(reach, address))
      const waiting = (await desk.readers.waitingMail(reach, address)).map(messageJson)
      return { body: { address, settings, waiting } }
    },
  }),
  operation({
    method: 'get',
    path: '/readers/{address}/directory',
    operationId: 'getDirectoryAnswer',
    tag,
    summary: 'Returns who reads the mail of an address, and by which rows of the directory',
    description:
      'The directory is asked now. While it is away, the last known answer is returned, with the reason.',
    scope: 'read',
    params,
    replies: { 200: { description: 'Returns the answer, within reach.', schema: directoryAnswer } },
    problems: ['DIRECTORY_UNREACHABLE', 'DIRECTORY_REFUSED'],
    handle: async ({ desk }, { params, by }) => ({
      body: explainedJson(await desk.directory.explain(by.reach, addressIn(params.address))),
    }),
  }),
  operation({
    method: 'get',
    path: '/readers/{address}/digest-preview',
    operationId: 'previewDigest',
    tag,
    summary: 'Returns the digest that a reader would get now',
    scope: 'read',
    params,
    replies: { 200: { description: 'Returns the digest. Nothing is sent.', schema: digestPreview } },
    problems: ['NOTHING_WAITS'],
    handle: async ({ desk }, input) => {
      const found = await desk.digests.preview(input.by.reach, await readerOf(desk, input))
      if (!found) throw new CodedError('NOTHING_WAITS', 'No message waits for this reader.')
      const { subject, listed, html, text } = found
      return { body: { subject, listed, html, text } }
    },
  }),
  operation({
    method: 'post',
    path: '/readers/{address}/send-now',
    operationId: 'sendNow',
    tag,
    summary: 'Sends a reader a digest of all waiting messages',
    description: 'Sends it now, whatever the schedule says and even if the reader has paused.',
    scope: 'write',
    params,
    replies: { 200: { description: 'Returns what became of it.', schema: sentNow } },
    problems: ['SETTING_LOCKED', 'READER_UNKNOWN', 'DIRECTORY_UNREACHABLE', 'RUN_OVERTAKEN'],
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
  const address = addressIn(params.address)
  const [reader = address] = await readers.readersOf(by.reach, [address])
  return reader
}

/** @throws CodedError REQUEST_INVALID */
function addressIn(text: string): string {
  const address = readerAddress(text)
  if (address !== undefined) return address
  throw new CodedError('REQUEST_INVALID', 'Expected an address in the path, such as alice@example.com.')
}
