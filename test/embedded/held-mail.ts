import { type InsertObject, sql } from 'kysely'
import { newMailId } from '../../src/demo/mail/mail-id.ts'
import type { HeldMailKey } from '../../src/ground/amavis/held-mail.ts'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import { chunks } from '../../src/ground/database/chunks.ts'
import type { Database } from '../../src/ground/database/database.ts'

/** A row of `msgrcpt` with the rows it refers to. The default values make spam that is held for its recipient. */
export interface HeldMailSpec {
  readonly recipient: string
  readonly receivedAt: number
  readonly mailId?: string
  readonly rseqnum?: number
  readonly partitionTag?: number
  readonly content?: string
  /** `msgs.content`; null while amavisd is working on the message. */
  readonly messageContent?: string | null
  readonly quarType?: string | null
  readonly ds?: string
  readonly rs?: string
  readonly isLocal?: string
  readonly score?: number | null
  /** Y: the recipient has the sender on a block list. */
  readonly bl?: string
  readonly sender?: string
  readonly from?: string | null
  readonly subject?: string | null
  readonly messageId?: string | null
  /** Octets. */
  readonly size?: number
}

/** Stores held mail as amavisd does. @returns the keys, in the order of the specs */
export async function hold(
  storage: Database<AmavisTables>,
  ...specs: readonly HeldMailSpec[]
): Promise<HeldMailKey[]> {
  const mails = specs.map(withDefaults)
  const ids = await addressIds(storage, mails)
  const idOf = (tag: number, email: string) => ids.get(`${tag}/${email}`) ?? 0
  for (const chunk of chunks(mails, 200)) {
    const messages = chunk.map(mail => messageRow(mail, idOf(mail.partitionTag, mail.sender)))
    const recipients = chunk.map(mail => recipientRow(mail, idOf(mail.partitionTag, mail.recipient)))
    await storage.dialect
      .insertNew(storage.sql.insertInto('msgs').values(messages), ['partition_tag', 'mail_id'])
      .execute()
    await storage.sql.insertInto('msgrcpt').values(recipients).execute()
  }
  return mails.map(({ partitionTag, mailId, rseqnum }) => ({ partitionTag, mailId, rseqnum }))
}

/** Changes the row of one recipient, as another tool would. */
export async function updateRecipient(
  storage: Database<AmavisTables>,
  key: HeldMailKey,
  change: { readonly rs?: string; readonly ds?: string },
): Promise<void> {
  await storage.sql
    .updateTable('msgrcpt')
    .set(change)
    .where('partition_tag', '=', key.partitionTag)
    .where('mail_id', '=', key.mailId)
    .where('rseqnum', '=', key.rseqnum)
    .execute()
}

/** Removes a message, as a purge does. */
export async function purge(storage: Database<AmavisTables>, key: HeldMailKey): Promise<void> {
  for (const table of ['quarantine', 'msgrcpt', 'msgs'] as const) {
    await storage.sql.deleteFrom(table).where('mail_id', '=', key.mailId).execute()
  }
}

/** `msgrcpt.rs` of one recipient. */
export async function recipientStatus(storage: Database<AmavisTables>, key: HeldMailKey): Promise<string> {
  const row = await storage.sql
    .selectFrom('msgrcpt')
    .select('rs')
    .where('mail_id', '=', key.mailId)
    .where('rseqnum', '=', key.rseqnum)
    .executeTakeFirstOrThrow()
  return row.rs
}

type Mail = Required<HeldMailSpec> & { readonly secretId: string }

const withDefaults = (spec: HeldMailSpec): Mail => ({
  ...newMailId(),
  rseqnum: 1,
  partitionTag: 0,
  content: 'S',
  messageContent: spec.content ?? 'S',
  quarType: 'Q',
  ds: 'D',
  rs: ' ',
  isLocal: 'Y',
  score: 7.5,
  bl: 'N',
  sender: 'sam@sender.example.net',
  from: 'Sam Sender <sam@sender.example.net>',
  subject: 'A message',
  messageId: '<1@sender.example.net>',
  size: 4711,
  ...spec,
})

async function addressIds(
  storage: Database<AmavisTables>,
  mails: readonly Mail[],
): Promise<Map<string, number>> {
  const addresses = new Map(
    mails.flatMap(({ partitionTag, recipient, sender }) =>
      [recipient, sender].map(email => [
        `${partitionTag}/${email}`,
        { partition_tag: partitionTag, email, domain: reversedDomain(email) },
      ]),
    ),
  )
  for (const chunk of chunks([...addresses.values()])) {
    const insert = storage.sql.insertInto('maddr').values(chunk as never)
    await storage.dialect.insertNew(insert, ['partition_tag', 'email']).execute()
  }
  const rows = await storage.sql.selectFrom('maddr').selectAll().execute()
  return new Map(rows.map(row => [`${row.partition_tag}/${row.email}`, Number(row.id)]))
}

/** As amavisd stores it: `com.example`. */
const reversedDomain = (email: string): string =>
  email
    .slice(email.lastIndexOf('@') + 1)
    .split('.')
    .reverse()
    .join('.')

const messageRow = (mail: Mail, sid: number): InsertObject<AmavisTables, 'msgs'> => ({
  partition_tag: mail.partitionTag,
  mail_id: mail.mailId,
  secret_id: mail.secretId,
  am_id: '04200-01',
  time_num: Math.floor(mail.receivedAt / 1000),
  // A literal, because the column is a text in one schema and a timestamp in another.
  time_iso: sql.lit('20260311T050000Z'),
  sid,
  policy: '',
  client_addr: '192.0.2.25',
  size: mail.size,
  originating: 'N',
  content: mail.messageContent,
  quar_type: mail.quarType,
  quar_loc: mail.mailId,
  dsn_sent: 'N',
  spam_level: mail.score,
  message_id: mail.messageId,
  from_addr: mail.from,
  subject: mail.subject,
  host: 'mx.example.com',
})

const recipientRow = (mail: Mail, rid: number): AmavisTables['msgrcpt'] => ({
  partition_tag: mail.partitionTag,
  mail_id: mail.mailId,
  rseqnum: mail.rseqnum,
  rid,
  is_local: mail.isLocal,
  content: mail.content,
  ds: mail.ds,
  rs: mail.rs,
  bl: mail.bl,
  wl: 'N',
  bspam_level: mail.score,
  smtp_resp: '',
})
