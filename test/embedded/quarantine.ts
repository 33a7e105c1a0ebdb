import { learningDesk } from '../../src/desks/learning/learning-desk.ts'
import { quarantineDesk } from '../../src/desks/quarantine/quarantine-desk.ts'
import { type SenderDesk, senderDesk } from '../../src/desks/senders/sender-desk.ts'
import type { MessageDeps } from '../../src/doors/http/quarantine/message-show.ts'
import type { HeldMailKey } from '../../src/ground/amavis/held-mail.ts'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import { Gate } from '../../src/ground/concurrency/gate.ts'
import { chunks } from '../../src/ground/database/chunks.ts'
import type { Database } from '../../src/ground/database/database.ts'
import type { FilterTeacher } from '../../src/ground/learning/filter-teacher.ts'
import { createMessageReader } from '../../src/ground/message/threaded-reader.ts'
import type { SenderLists } from '../../src/ground/senders/sender-lists.ts'
import type { EmbeddedProgram } from './program.ts'

/** What the pages of a held message use, with real reading. The threads end by themselves when nothing is read. */
export function messagesOf(
  deps: EmbeddedProgram['deps'],
  { senderLists, teacher }: { readonly senderLists?: SenderLists; readonly teacher?: FilterTeacher } = {},
): MessageDeps {
  const reading = {
    messages: createMessageReader(),
    turns: new Gate(2),
    mostOctets: 52_428_800,
    readersSeeHeaders: true,
  }
  return {
    quarantine: quarantineDesk({ ...deps, ...reading }),
    learning: learningDesk({ ...deps, ...reading, teacher }),
    senders: sendersOf(deps, senderLists),
    policies: deps.policies,
    readersSeeHeaders: true,
  }
}

/** The desk of allow and block lists. @param senderLists where entries are written; undefined: nowhere */
export const sendersOf = (deps: EmbeddedProgram['deps'], senderLists?: SenderLists): SenderDesk =>
  senderDesk({
    ...deps,
    senderLists,
    readersKeepLists: true,
    ownDomains: [],
    mostEntries: 1000,
    recipientDelimiter: '',
  })

/** Stores the text of a held message as amavisd does, with amavisd's head before it. @param fields more of that head */
export async function storeText(
  storage: Database<AmavisTables>,
  { partitionTag, mailId }: HeldMailKey,
  text: string,
  fields: readonly string[] = [],
): Promise<void> {
  const more = fields.map(field => `${field}\n`).join('')
  const head = `X-Envelope-From: <sam@sender.example.net>\nX-Envelope-To: <alice@example.com>, <secret@example.com>\nX-Quarantine-ID: <${mailId}>\n${more}`
  const octets = Buffer.from(`${head}Received: from a by b; Wed, 11 Mar 2026 05:00:00 +0000\n${text}`)
  const rows = Array.from({ length: Math.ceil(octets.length / CHUNK) }, (_, index) => ({
    partition_tag: partitionTag,
    mail_id: mailId,
    chunk_ind: index + 1,
    mail_text: octets.subarray(index * CHUNK, (index + 1) * CHUNK),
  }))
  for (const chunk of chunks(rows, 100)) await storage.sql.insertInto('quarantine').values(chunk).execute()
}

const CHUNK = 16_384

/** A mail that is nothing but HTML. */
export const htmlMail = (html: string): string =>
  [
    'From: Sam Sender <sam@sender.example.net>',
    'To: Alice <alice@example.com>',
    'Subject: A message',
    'MIME-Version: 1.0',
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...(Buffer.from(html)
      .toString('base64')
      .match(/.{1,76}/g) ?? []),
    '',
  ].join('\n')
