import type { Kysely } from 'kysely'
import type { AmavisTables } from './tables.ts'

/** Messages joined with their recipients: one row for each recipient of a message. */
export const messagesWithRecipients = (storage: Kysely<AmavisTables>) =>
  storage
    .selectFrom('msgs')
    .innerJoin('msgrcpt', join =>
      join
        .onRef('msgrcpt.partition_tag', '=', 'msgs.partition_tag')
        .onRef('msgrcpt.mail_id', '=', 'msgs.mail_id'),
    )

/** Whether there are more than so many messages with `from` ≤ `time_num`, in seconds. Reads `msgs_idx_time_num` alone. */
export async function hasMoreMessagesSince(
  storage: Kysely<AmavisTables>,
  from: number,
  count: number,
): Promise<boolean> {
  const query = storage.selectFrom('msgs').select('time_num').where('time_num', '>=', from)
  return (await query.orderBy('time_num').limit(1).offset(count).executeTakeFirst()) !== undefined
}
