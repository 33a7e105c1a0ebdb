import type { Kysely, Selectable } from 'kysely'
import { chunks } from '../../database/chunks.ts'
import { textOf } from '../../database/text.ts'
import { type ContentKind, contentKindOf } from '../content.ts'
import type { MessageKey } from '../messages-of-sender.ts'
import type { AmavisTables } from '../tables.ts'

/** A message as the purge sees it. */
export interface SeenMessage extends MessageKey {
  /** `msgs.time_num`: seconds since the epoch. */
  readonly timeNum: number
  /** By `msgs.content`; undefined: amavisd did not finish with it. */
  readonly kind: ContentKind | undefined
  /** The octets that it takes in the table `quarantine`, by `msgs.size`; 0 when it is not kept there. */
  readonly stored: number
}

/** The same with what is known of each recipient. */
export interface OldMessage extends SeenMessage {
  readonly recipients: readonly OldRecipient[]
}

/** One recipient of such a message. */
export interface OldRecipient {
  readonly rseqnum: number
  readonly kind: ContentKind
  /** `msgrcpt.rs` without blanks: R released, D marked for deletion, p an admin is to decide, V viewed. */
  readonly rs: string
}

/** Where a walk through the messages has got to: the last one that was read. */
export type Position = Pick<SeenMessage, 'timeNum' | 'partitionTag' | 'mailId'>

/**
 * The oldest messages with `time_num` < `before`, in seconds, along `msgs_idx_time_num`.
 *
 * @param after undefined: from the beginning
 */
export async function oldMessages(
  storage: Kysely<AmavisTables>,
  before: number,
  after: Position | undefined,
  limit: number,
): Promise<SeenMessage[]> {
  const rows = await storage
    .selectFrom('msgs')
    .select(COLUMNS)
    .where('time_num', '<', before)
    .$if(after !== undefined, query =>
      query
        .where('time_num', '>=', after?.timeNum ?? 0)
        .where(row =>
          row.or([
            row('time_num', '>', after?.timeNum ?? 0),
            row('partition_tag', '>', after?.partitionTag ?? 0),
            row.and([
              row('partition_tag', '=', after?.partitionTag ?? 0),
              row('mail_id', '>', after?.mailId ?? ''),
            ]),
          ]),
        ),
    )
    .orderBy('time_num')
    .orderBy('partition_tag')
    .orderBy('mail_id')
    .limit(limit)
    .execute()
  return rows.map(seen)
}

/** Messages with `from` ≤ `time_num` < `before`, in seconds, with which amavisd did not finish: it died, or gave up. */
export async function unfinishedMessages(
  storage: Kysely<AmavisTables>,
  from: number,
  before: number,
  limit: number,
): Promise<SeenMessage[]> {
  const rows = await storage
    .selectFrom('msgs')
    .select(COLUMNS)
    .where('time_num', '>=', from)
    .where('time_num', '<', before)
    .where('content', 'is', null)
    .limit(limit)
    .execute()
  return rows.map(seen)
}

/** The first `time_num` from `from` on, in seconds; undefined when there is none. */
export async function firstTimeFrom(
  storage: Kysely<AmavisTables>,
  from: number,
): Promise<number | undefined> {
  const row = await storage
    .selectFrom('msgs')
    .select('time_num')
    .where('time_num', '>=', from)
    .orderBy('time_num')
    .limit(1)
    .executeTakeFirst()
  return row && Number(row.time_num)
}

const COLUMNS = ['partition_tag', 'mail_id', 'time_num', 'content', 'quar_type', 'size'] as const

type Row = Pick<Selectable<AmavisTables['msgs']>, (typeof COLUMNS)[number]>

const seen = (row: Row): SeenMessage => ({
  partitionTag: Number(row.partition_tag),
  mailId: textOf(row.mail_id),
  timeNum: Number(row.time_num),
  kind: row.content === null ? undefined : contentKindOf(row.content.trim()),
  stored: (row.quar_type ?? '').trim() === 'Q' ? Number(row.size) : 0,
})

/** Reads what is known of the recipients of messages. */
export async function withRecipients(
  storage: Kysely<AmavisTables>,
  messages: readonly SeenMessage[],
): Promise<OldMessage[]> {
  const recipients = await recipientsOf(storage, messages)
  return messages.map(message => ({
    ...message,
    recipients: (recipients.get(messageKeyOf(message)) ?? []).map(({ rseqnum, content, rs }) => ({
      rseqnum: Number(rseqnum),
      // A row from before amavisd 2.7 has none.
      kind: (content.trim() === '' && message.kind) || contentKindOf(content.trim()),
      rs: rs.trim(),
    })),
  }))
}

type RecipientRow = Pick<Selectable<AmavisTables['msgrcpt']>, 'rseqnum' | 'content' | 'rs'>

/** Along the primary key, and so within one partition where `partition_tag` divides the table. */
async function recipientsOf(
  storage: Kysely<AmavisTables>,
  keys: readonly MessageKey[],
): Promise<Map<string, RecipientRow[]>> {
  const found = new Map<string, RecipientRow[]>()
  for (const { partitionTag, mailIds } of byPartition(keys)) {
    const rows = await storage
      .selectFrom('msgrcpt')
      .select(['mail_id', 'rseqnum', 'content', 'rs'])
      .where('partition_tag', '=', partitionTag)
      .where('mail_id', 'in', mailIds)
      .execute()
    for (const row of rows) {
      const key = messageKeyOf({ partitionTag, mailId: textOf(row.mail_id) })
      const others = found.get(key) ?? []
      others.push(row)
      found.set(key, others)
    }
  }
  return found
}

/** Keys grouped for statements that name one partition each. */
export function* byPartition(
  keys: readonly MessageKey[],
): Generator<{ readonly partitionTag: number; readonly mailIds: readonly string[] }> {
  for (const [partitionTag, ofPartition] of Map.groupBy(keys, key => key.partitionTag)) {
    for (const chunk of chunks(ofPartition)) {
      yield { partitionTag, mailIds: chunk.map(({ mailId }) => mailId) }
    }
  }
}

/** A string that identifies a message, as a key for maps. */
export const messageKeyOf = ({ partitionTag, mailId }: MessageKey): string => `${partitionTag}/${mailId}`
