import { type ExpressionBuilder, type Kysely, type Selectable, sql } from 'kysely'
import { textOf } from '../../database/text.ts'
import type { ContentCode } from '../content.ts'
import { type HeldMailKey, isBlocked, scoreOf } from '../held-mail.ts'
import { messagesWithRecipients } from '../messages.ts'
import type { MessageKey } from '../messages-of-sender.ts'
import { byPartition } from '../purge/old-messages.ts'
import type { AmavisTables } from '../tables.ts'
import { NOT_QUARANTINED, type Seconds } from './stored-messages.ts'

/** A row of `msgrcpt` whose mail was not passed on. */
export interface StoredRecipient extends HeldMailKey {
  /** `msgrcpt.rid`: the id of the address. */
  readonly recipientId: number
  /** `msgrcpt.content`: blank in a row from before amavisd 2.7. */
  readonly content: string
  /** `msgrcpt.rs` without blanks. */
  readonly rs: string
  readonly isBlockListed: boolean
  /** Null when the message was not scored, or the score decided nothing. */
  readonly score: number | null
  /** `msgrcpt.smtp_resp`. */
  readonly response: string
}

/** What rows have to have. They may come with others: letter case does not count on every database. */
export interface RecipientFilter {
  /** `msgrcpt.rs` without blanks. */
  readonly rs: readonly string[]
  /** Codes of `msgrcpt.content` that are not wanted. */
  readonly notContents: readonly ContentCode[]
  /** Of every range; both ends are included. */
  readonly scores: readonly { readonly least: number | undefined; readonly most: number | undefined }[]
}

/** The recipients of messages, along the primary key. */
export async function recipientsOf(
  storage: Kysely<AmavisTables>,
  messages: readonly MessageKey[],
  filter: RecipientFilter,
): Promise<StoredRecipient[]> {
  const found: StoredRecipient[] = []
  for (const { partitionTag, mailIds } of byPartition(messages)) {
    const rows = await storage
      .selectFrom('msgrcpt')
      .select(COLUMNS)
      .where('partition_tag', '=', partitionTag)
      .where('mail_id', 'in', mailIds)
      .where(passes(filter))
      .execute()
    for (const row of rows) found.push(storedRecipientOf(row))
  }
  return found
}

/** Whether some addresses together have at most so many rows, by `msgrcpt_idx_rid` alone. */
export async function areFew(
  storage: Kysely<AmavisTables>,
  recipientIds: readonly number[],
  most: number,
): Promise<boolean> {
  if (recipientIds.length === 0) return true
  const row = await storage
    .selectFrom(
      storage
        .selectFrom('msgrcpt')
        .select('rid')
        .where('rid', 'in', recipientIds)
        .limit(most + 1)
        .as('some'),
    )
    .select(({ fn }) => fn.countAll().as('rows'))
    .executeTakeFirst()
  return Number(row?.rows ?? 0) <= most
}

/** The same with what its message tells. */
export interface TimedRecipient extends StoredRecipient {
  /** Seconds since the epoch. */
  readonly timeNum: number
  /** `msgs.content`. */
  readonly messageContent: string
}

/**
 * The rows of some addresses whose quarantined messages came within some seconds, the latest first, along
 * `msgrcpt_idx_rid` and the primary key of `msgs`. All rows of the addresses are read, so they should be few.
 */
export async function recipientsByAddress(
  storage: Kysely<AmavisTables>,
  recipientIds: readonly number[],
  { from, to }: Seconds,
  filter: RecipientFilter,
  most: number,
): Promise<TimedRecipient[]> {
  if (recipientIds.length === 0) return []
  const rows = await messagesWithRecipients(storage)
    .select(QUALIFIED)
    .select(['msgs.time_num', 'msgs.content as message_content'])
    .where('msgrcpt.rid', 'in', recipientIds)
    // A sum, so that no database takes the index of the time.
    .where(sql<boolean>`msgs.time_num + 0 between ${from} and ${to}`)
    .where('msgs.content', 'is not', null)
    .where('msgs.quar_type', 'not in', NOT_QUARANTINED)
    .where(passes(filter))
    .orderBy('msgs.time_num', 'desc')
    .limit(most)
    .execute()
  return rows.map(row => ({
    ...storedRecipientOf(row),
    timeNum: Number(row.time_num),
    messageContent: (row.message_content ?? '').trim(),
  }))
}

/** The rows of some addresses among the messages of some seconds, along `msgs_idx_time_num` and the primary key. */
export async function recipientsBetween(
  storage: Kysely<AmavisTables>,
  recipientIds: readonly number[],
  { from, to }: Seconds,
  filter: RecipientFilter,
): Promise<StoredRecipient[]> {
  const rows = await messagesWithRecipients(storage)
    .select(QUALIFIED)
    .where('msgs.time_num', '>=', from)
    .where('msgs.time_num', '<=', to)
    // A sum, so that no database takes the index of the addresses.
    .where(sql<boolean>`msgrcpt.rid + 0 in (${sql.join(recipientIds)})`)
    .where(passes(filter))
    .execute()
  return rows.map(storedRecipientOf)
}

/** All rows of a mail id, in any partition, along `msgrcpt_idx_mail_id`. */
export async function recipientsOfMailId(
  storage: Kysely<AmavisTables>,
  mailIds: readonly string[],
  filter: RecipientFilter,
): Promise<StoredRecipient[]> {
  if (mailIds.length === 0) return []
  const rows = await storage
    .selectFrom('msgrcpt')
    .select(COLUMNS)
    .where('mail_id', 'in', mailIds)
    .where(passes(filter))
    .execute()
  return rows.map(storedRecipientOf)
}

const COLUMNS = [
  'partition_tag',
  'mail_id',
  'rseqnum',
  'rid',
  'content',
  'rs',
  'bl',
  'bspam_level',
  'smtp_resp',
] as const

const QUALIFIED = [
  'msgrcpt.partition_tag',
  'msgrcpt.mail_id',
  'msgrcpt.rseqnum',
  'msgrcpt.rid',
  'msgrcpt.content',
  'msgrcpt.rs',
  'msgrcpt.bl',
  'msgrcpt.bspam_level',
  'msgrcpt.smtp_resp',
] as const

export const passes =
  ({ rs, notContents, scores }: RecipientFilter) =>
  (where: ExpressionBuilder<AmavisTables, 'msgrcpt'>) =>
    where.and([
      // A copy of what was delivered is not held.
      where('msgrcpt.ds', '!=', 'P'),
      where(
        'msgrcpt.rs',
        'in',
        rs.flatMap(code => (code === '' ? BLANK : [code])),
      ),
      ...(notContents.length > 0 ? [where('msgrcpt.content', 'not in', notContents)] : []),
      ...scores.flatMap(({ least, most }) => [
        ...(least === undefined ? [] : [where('msgrcpt.bspam_level', '>=', least - ROUNDING)]),
        ...(most === undefined ? [] : [where('msgrcpt.bspam_level', '<=', most + ROUNDING)]),
      ]),
    ])

const BLANK = [' ', '']

/** The columns are floats of four octets. */
const ROUNDING = 0.01

type Row = Pick<Selectable<AmavisTables['msgrcpt']>, (typeof COLUMNS)[number]>

const storedRecipientOf = (row: Row): StoredRecipient => ({
  partitionTag: Number(row.partition_tag),
  mailId: textOf(row.mail_id),
  rseqnum: Number(row.rseqnum),
  recipientId: Number(row.rid),
  content: row.content.trim(),
  rs: row.rs.trim(),
  isBlockListed: isBlocked(row),
  score: isBlocked(row) ? null : scoreOf(row.bspam_level),
  response: textOf(row.smtp_resp) ?? '',
})
