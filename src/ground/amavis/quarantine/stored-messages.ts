import { type Kysely, type Selectable, sql } from 'kysely'
import { withoutC1Controls } from '../../charsets/c1-controls.ts'
import { decodeWords } from '../../charsets/encoded-words.ts'
import { textOf } from '../../database/text.ts'
import type { MessageKey } from '../messages-of-sender.ts'
import { byPartition } from '../purge/old-messages.ts'
import type { AmavisTables } from '../tables.ts'

/** A row of `msgs` whose message is in the quarantine. All strings come from a mail and are hostile. */
export interface StoredMessage extends MessageKey {
  /** Seconds since the epoch. */
  readonly timeNum: number
  /** `msgs.sid`: the id of the envelope sender's address. */
  readonly senderId: number
  /** `msgs.content`. */
  readonly content: string
  /** The header's From. */
  readonly from: string
  readonly subject: string
  /** Octets. */
  readonly size: number
}

/** Seconds since the epoch; both ends are included. */
export interface Seconds {
  readonly from: number
  readonly to: number
}

/** A part of some seconds, up to their end, and how many messages it has, quarantined or not. */
export interface Slice {
  readonly from: number
  readonly messages: number
}

/**
 * The last seconds in which about `most` messages came, along `msgs_idx_time_num` alone. The second in which it begins may
 * have more.
 */
export async function lastSlice(
  storage: Kysely<AmavisTables>,
  { from, to }: Seconds,
  most: number,
): Promise<Slice> {
  const row = await storage
    .selectFrom(
      storage
        .selectFrom('msgs')
        .select('time_num')
        .where('time_num', '>=', from)
        .where('time_num', '<=', to)
        .orderBy('time_num', 'desc')
        .limit(most)
        .as('slice'),
    )
    .select(({ fn }) => [fn.min('slice.time_num').as('first'), fn.countAll().as('messages')])
    .executeTakeFirst()
  const messages = Number(row?.messages ?? 0)
  return { from: messages < most ? from : Number(row?.first ?? from), messages }
}

/** The quarantined messages of some seconds, along `msgs_idx_time_num`. */
export async function messagesBetween(
  storage: Kysely<AmavisTables>,
  { from, to }: Seconds,
): Promise<StoredMessage[]> {
  const rows = await quarantined(storage).where('time_num', '>=', from).where('time_num', '<=', to).execute()
  return rows.map(storedMessageOf)
}

/** The quarantined ones of these messages, along the primary key. */
export async function messagesByKey(
  storage: Kysely<AmavisTables>,
  keys: readonly MessageKey[],
): Promise<StoredMessage[]> {
  const found: StoredMessage[] = []
  for (const { partitionTag, mailIds } of byPartition(keys)) {
    const rows = await quarantined(storage)
      .where('partition_tag', '=', partitionTag)
      .where('mail_id', 'in', mailIds)
      .execute()
    for (const row of rows) found.push(storedMessageOf(row))
  }
  return found
}

/** Whether some senders together have sent at most so many messages, by `msgs_idx_sid` alone. */
export async function haveSentFew(
  storage: Kysely<AmavisTables>,
  senderIds: readonly number[],
  most: number,
): Promise<boolean> {
  const some = storage
    .selectFrom('msgs')
    .select('sid')
    .where('sid', 'in', senderIds)
    .limit(most + 1)
  const row = await storage
    .selectFrom(some.as('some'))
    .select(({ fn }) => fn.countAll().as('messages'))
    .executeTakeFirst()
  return Number(row?.messages ?? 0) <= most
}

/**
 * The quarantined messages of senders that came within some seconds, the latest first, along `msgs_idx_sid`. All of
 * theirs are read, so they should be few.
 */
export async function messagesOfSenders(
  storage: Kysely<AmavisTables>,
  senderIds: readonly number[],
  { from, to }: Seconds,
  most: number,
): Promise<StoredMessage[]> {
  if (senderIds.length === 0) return []
  const rows = await quarantined(storage)
    .where('sid', 'in', senderIds)
    // A sum, so that no database takes the index of the time.
    .where(sql<boolean>`time_num + 0 between ${from} and ${to}`)
    .orderBy('time_num', 'desc')
    .limit(most)
    .execute()
  return rows.map(storedMessageOf)
}

const quarantined = (storage: Kysely<AmavisTables>) =>
  storage
    .selectFrom('msgs')
    .select(['partition_tag', 'mail_id', 'time_num', 'sid', 'content', 'from_addr', 'subject', 'size'])
    .where('content', 'is not', null)
    .where('quar_type', 'not in', NOT_QUARANTINED)

/** A blank, which MySQL returns as ''. */
export const NOT_QUARANTINED = [' ', '']

type Row = Pick<
  Selectable<AmavisTables['msgs']>,
  'partition_tag' | 'mail_id' | 'time_num' | 'sid' | 'content' | 'from_addr' | 'subject' | 'size'
>

const storedMessageOf = (row: Row): StoredMessage => ({
  partitionTag: Number(row.partition_tag),
  mailId: textOf(row.mail_id),
  timeNum: Number(row.time_num),
  senderId: Number(row.sid),
  content: (row.content ?? '').trim(),
  from: textOf(row.from_addr) ?? '',
  subject: withoutC1Controls(decodeWords(textOf(row.subject) ?? '')),
  size: Number(row.size),
})
