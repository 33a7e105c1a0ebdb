import type { Kysely } from 'kysely'
import { textOf } from '../database/text.ts'
import { SECOND } from '../durations.ts'
import type { AmavisTables } from './tables.ts'

/** The key of a row of `msgs`. */
export interface MessageKey {
  readonly partitionTag: number
  readonly mailId: string
}

/** The ids by which amavis knows the senders of some messages (`msgs.sid`), along the primary key of `msgs`. */
export async function senderIdsOf(
  storage: Kysely<AmavisTables>,
  messages: readonly MessageKey[],
): Promise<number[]> {
  const ids = new Set<number>()
  for (const [partitionTag, ofPartition] of Map.groupBy(messages, message => message.partitionTag)) {
    const mailIds = [...new Set(ofPartition.map(({ mailId }) => mailId))]
    const rows = await storage
      .selectFrom('msgs')
      .select('sid')
      .distinct()
      .where('partition_tag', '=', partitionTag)
      .where('mail_id', 'in', mailIds)
      .execute()
    for (const { sid } of rows) ids.add(Number(sid))
  }
  return [...ids]
}

/** Messages of senders since a time, in milliseconds since the epoch, along amavis's index of `sid`; at most 500. */
export async function messagesOfSender(
  storage: Kysely<AmavisTables>,
  senderIds: readonly number[],
  since: number,
): Promise<MessageKey[]> {
  if (senderIds.length === 0) return []
  const rows = await storage
    .selectFrom('msgs')
    .select(['partition_tag', 'mail_id'])
    .where('sid', 'in', senderIds)
    .where('time_num', '>=', Math.floor(since / SECOND))
    .limit(MOST_MESSAGES)
    .execute()
  return rows.map(row => ({ partitionTag: Number(row.partition_tag), mailId: textOf(row.mail_id) }))
}

const MOST_MESSAGES = 500
