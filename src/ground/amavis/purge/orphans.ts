import type { Kysely } from 'kysely'
import { textOf } from '../../database/text.ts'
import type { MessageKey } from '../messages-of-sender.ts'
import type { AmavisTables } from '../tables.ts'
import type { PartsTable } from './delete-messages.ts'

/** Some messages that have rows in a table, and which of them have none in `msgs`. */
export interface PartsPage {
  readonly orphans: readonly MessageKey[]
  /** The last message that was looked at; undefined at the end of the table. */
  readonly last: MessageKey | undefined
}

/**
 * Looks at the messages of `msgrcpt` or `quarantine` in the order of the primary key, at most `limit` of them.
 *
 * A message that amavisd is just storing is no orphan: it commits its row in `msgs` before all others.
 */
export async function partsAfter(
  storage: Kysely<AmavisTables>,
  table: PartsTable,
  after: MessageKey | undefined,
  limit: number,
): Promise<PartsPage> {
  const within = after ? await partsWithin(storage, table, after, limit) : undefined
  if (within?.last) return within
  const partitionTag = await nextPartition(storage, table, after?.partitionTag)
  if (partitionTag === undefined) return { orphans: [], last: undefined }
  return partsWithin(storage, table, { partitionTag, mailId: '' }, limit)
}

/** One partition tag at a time: PostgreSQL and MySQL agree on no other condition that leads along the key. */
async function partsWithin(
  storage: Kysely<AmavisTables>,
  table: PartsTable,
  { partitionTag, mailId }: MessageKey,
  limit: number,
): Promise<PartsPage> {
  const rows = await storage
    .selectFrom(parts =>
      parts
        .selectFrom(table)
        .select('mail_id')
        .where('partition_tag', '=', partitionTag)
        .where('mail_id', '>', mailId)
        .groupBy('mail_id')
        .orderBy('mail_id')
        .limit(limit)
        .as('part'),
    )
    .leftJoin('msgs', join =>
      join.on('msgs.partition_tag', '=', partitionTag).onRef('msgs.mail_id', '=', 'part.mail_id'),
    )
    .select(['part.mail_id', 'msgs.time_num'])
    .orderBy('part.mail_id')
    .execute()
  const keyOf = (row: (typeof rows)[number]) => ({ partitionTag, mailId: textOf(row.mail_id) })
  const last = rows.at(-1)
  return { orphans: rows.filter(row => row.time_num === null).map(keyOf), last: last && keyOf(last) }
}

async function nextPartition(
  storage: Kysely<AmavisTables>,
  table: PartsTable,
  after: number | undefined,
): Promise<number | undefined> {
  const row = await storage
    .selectFrom(table)
    .select('partition_tag')
    .$if(after !== undefined, query => query.where('partition_tag', '>', after ?? 0))
    .orderBy('partition_tag')
    .limit(1)
    .executeTakeFirst()
  return row && Number(row.partition_tag)
}
