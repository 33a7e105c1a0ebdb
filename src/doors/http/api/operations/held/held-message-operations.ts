import { z } from 'zod'
import { openedJson } from '../../../../../desks/quarantine/held-json.ts'
import { type Json, type Operation, operation } from '../../protocol/operation.ts'
import { namedRef, recipientQuery, refParams } from './held-path.ts'
import { openedHeld } from './opened-answer.ts'

const openHeld = operation({
  method: 'get',
  path: '/held/{ref}',
  operationId: 'openHeld',
  tag: 'Held mail',
  summary: 'Shows a held message: its facts, why it is held, its text and its attachments',
  description: 'The message does not count as read by this.',
  scope: 'held:read',
  params: refParams,
  query: recipientQuery,
  replies: { 200: { description: 'Returns the message.', schema: openedHeld } },
  problems: ['HELD_UNKNOWN'],
  handle: async ({ quarantine }, { params, query, viewer }) => {
    const ref = await namedRef(quarantine, viewer, { ...params, ...query })
    const opened = await quarantine.open(viewer, ref, { isLook: false })
    const recipients = opened.recipients.map(({ recipient }) => recipient)
    const readers = await quarantine.readersOf(viewer, recipients)
    return { body: openedJson(opened, readers) satisfies Json<z.output<typeof openedHeld>> }
  },
})

/** What differs between the files of a message. */
const FILE = {
  method: 'get',
  tag: 'Held mail',
  scope: 'held:download',
  problems: ['HELD_UNKNOWN', 'MESSAGE_GONE'],
} as const

const headersOfHeld = operation({
  ...FILE,
  path: '/held/{ref}/headers',
  operationId: 'readHeldHeaders',
  summary: 'Returns the headers of a held message',
  description: 'A key for some domains gets those of the sender, without those that amavisd put above them.',
  params: refParams,
  replies: { 200: { description: 'Returns the headers as text.', file: 'text/plain' } },
  handle: async ({ quarantine }, { params, viewer }) => ({
    text: await quarantine.headers(viewer, await namedRef(quarantine, viewer, params)),
  }),
})

const sourceOfHeld = operation({
  ...FILE,
  path: '/held/{ref}/source',
  operationId: 'downloadHeld',
  summary: 'Returns the whole message as its sender sent it',
  params: refParams,
  replies: { 200: { description: 'Returns the message as a file.', file: 'application/octet-stream' } },
  handle: async ({ quarantine }, { params, viewer }) => {
    const ref = await namedRef(quarantine, viewer, params)
    return { file: { name: `${ref}.eml`, content: await quarantine.source(viewer, ref) } }
  },
})

const attachmentOfHeld = operation({
  ...FILE,
  path: '/held/{ref}/attachments/{index}',
  operationId: 'downloadHeldAttachment',
  summary: 'Returns one attachment of a held message',
  description: 'Its transfer encoding is undone. Nothing is unpacked.',
  params: {
    ...refParams,
    index: z
      .string()
      .regex(/^\d{1,5}$/, 'expected the number of an attachment')
      .meta({ description: 'The `index` of the attachment.', example: '0' }),
  },
  replies: { 200: { description: 'Returns the attachment as a file.', file: 'application/octet-stream' } },
  handle: async ({ quarantine }, { params, viewer }) => {
    const ref = await namedRef(quarantine, viewer, params)
    return { file: await quarantine.attachment(viewer, ref, Number(params.index)) }
  },
})

/** A held message and its files. */
export const HELD_MESSAGE_OPERATIONS: readonly Operation[] = [
  openHeld,
  headersOfHeld,
  sourceOfHeld,
  attachmentOfHeld,
]
