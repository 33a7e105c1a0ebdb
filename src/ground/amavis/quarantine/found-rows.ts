import { type ExpressionBuilder, type Kysely, sql } from 'kysely'
import { withoutC1Controls } from '../../charsets/c1-controls.ts'
import { decodeWords } from '../../charsets/encoded-words.ts'
import { textOf } from '../../database/text.ts'
import { type HeldMailKey, isBlocked, scoreOf } from '../held-mail.ts'
import { messagesWithRecipients } from '../messages.ts'
import type { AmavisTables } from '../tables.ts'
import { areTheirs, type Recipients } from './recipients.ts'
import { NOT_QUARANTINED, passes, type RowFilter } from './row-filter.ts'
import type { Seconds } from './seconds.ts'

/** A row of `msgrcpt` whose mail was quarantined and not passed on. All strings come from a mail and are hostile. */
export interface FoundRow extends HeldMailKey {
  /** Seconds since the epoch. */
  readonly timeNum: number
  /** Empty: somebody has cleaned the address up. */
  readonly recipient: string
  /** Envelope sender; empty for a bounce. */
  readonly sender: string
  /** `msgrcpt.content`, or `msgs.content` in a row from before amavisd 2.7. */
  readonly content: string
  /** `msgrcpt.rs` without blanks. */
  readonly rs: string
  readonly isBlockListed: boolean
  /** Null when the message was not scored, or the score decided nothing. */
  readonly score: number | null
  /** `msgrcpt.smtp_resp`. */
  readonly response: string
  /** The header's From. */
  readonly from: string
  readonly subject: string
  /** Octets. */
  readonly size: number
}

/**
 * The rows of the messages of some seconds, along `msgs_idx_time_num` and the primary keys. It reads all mail of these
 * seconds, so they should be few.
 */
export const rowsBetween = (
  storage: Kysely<AmavisTables>,
  { from, to }: Seconds,
  recipients: Recipients,
  filter: RowFilter,
): Promise<FoundRow[]> =>
  found(
    heldRows(storage, filter)
      .where('msgs.time_num', '>=', from)
      .where('msgs.time_num', '<=', to)
      .where(areTheirs(recipients)),
  )

/**
 * The rows of some addresses whose messages came within some seconds, the latest first, along `msgrcpt_idx_rid` and the
 * primary key of `msgs`. All rows of the addresses are read, so they should be few.
 */
export const rowsOfAddresses = (
  storage: Kysely<AmavisTables>,
  recipientIds: readonly number[],
  seconds: Seconds,
  filter: RowFilter,
  most: number,
): Promise<FoundRow[]> =>
  recipientIds.length === 0
    ? Promise.resolve([])
    : found(latest(heldRows(storage, filter).where('msgrcpt.rid', 'in', recipientIds), seconds, most))

/** The same for envelope senders, along `msgs_idx_sid` and the primary key of `msgrcpt`. */
export const rowsOfSenders = (
  storage: Kysely<AmavisTables>,
  senderIds: readonly number[],
  seconds: Seconds,
  filter: RowFilter,
  most: number,
): Promise<FoundRow[]> =>
  senderIds.length === 0
    ? Promise.resolve([])
    : found(latest(heldRows(storage, filter).where('msgs.sid', 'in', senderIds), seconds, most))

/** The rows of mail ids, in any partition, along `msgrcpt_idx_mail_id` and the primary key of `msgs`. */
export const rowsOfMailIds = (
  storage: Kysely<AmavisTables>,
  mailIds: readonly string[],
  { from, to }: Seconds,
  filter: RowFilter,
): Promise<FoundRow[]> =>
  mailIds.length === 0
    ? Promise.resolve([])
    : found(heldRows(storage, filter).where('msgrcpt.mail_id', 'in', mailIds).where(isWithin({ from, to })))

type HeldRows = ReturnType<typeof heldRows>

const latest = (rows: HeldRows, seconds: Seconds, most: number): HeldRows =>
  rows.where(isWithin(seconds)).orderBy('msgs.time_num', 'desc').limit(most)

/** A sum, so that no database takes the index of the time. */
const isWithin = ({ from, to }: Seconds) => sql<boolean>`msgs.time_num + 0 between ${from} and ${to}`

const heldRows = (storage: Kysely<AmavisTables>, filter: RowFilter) =>
  messagesWithRecipients(storage)
    .select(['msgrcpt.partition_tag', 'msgrcpt.mail_id', 'msgrcpt.rseqnum', 'msgrcpt.content', 'msgrcpt.rs'])
    .select(['msgrcpt.bl', 'msgrcpt.bspam_level', 'msgrcpt.smtp_resp', 'msgs.content as message_content'])
    .select(['msgs.time_num', 'msgs.from_addr', 'msgs.subject', 'msgs.size'])
    // Not joined: a database that expects many rows would read all addresses first.
    .select(rows => [address(rows, 'msgrcpt.rid').as('recipient'), address(rows, 'msgs.sid').as('sender')])
    .where('msgs.content', 'is not', null)
    .where('msgs.quar_type', 'not in', NOT_QUARANTINED)
    .where(passes(filter))

const address = (
  { selectFrom }: ExpressionBuilder<AmavisTables, 'msgs' | 'msgrcpt'>,
  id: 'msgrcpt.rid' | 'msgs.sid',
) => selectFrom('maddr').select('maddr.email').whereRef('maddr.id', '=', id)

async function found(rows: HeldRows): Promise<FoundRow[]> {
  return (await rows.execute()).map(foundRowOf)
}

type Row = Awaited<ReturnType<HeldRows['executeTakeFirstOrThrow']>>

const foundRowOf = (row: Row): FoundRow => ({
  partitionTag: Number(row.partition_tag),
  mailId: textOf(row.mail_id),
  rseqnum: Number(row.rseqnum),
  timeNum: Number(row.time_num),
  recipient: textOf(row.recipient) ?? '',
  sender: textOf(row.sender) ?? '',
  content: row.content.trim() || (row.message_content ?? '').trim(),
  rs: row.rs.trim(),
  isBlockListed: isBlocked(row),
  score: isBlocked(row) ? null : scoreOf(row.bspam_level),
  response: textOf(row.smtp_resp) ?? '',
  from: textOf(row.from_addr) ?? '',
  subject: withoutC1Controls(decodeWords(textOf(row.subject) ?? '')),
  size: Number(row.size),
})
