import type { Kysely } from 'kysely'
import { type ContentKind, contentKindOf } from '../content.ts'
import { messagesWithRecipients } from '../messages.ts'
import type { AmavisTables } from '../tables.ts'
import { areTheirs, type Recipients } from './recipients.ts'
import { NOT_QUARANTINED, passes, type RowFilter } from './row-filter.ts'
import type { Seconds } from './seconds.ts'

/**
 * How many rows of `msgrcpt` of some seconds pass a filter, by kind: along `msgs_idx_time_num` and the primary keys. It
 * reads all mail of these seconds, so they should be few.
 */
export async function countHeld(
  storage: Kysely<AmavisTables>,
  { from, to }: Seconds,
  recipients: Recipients,
  filter: RowFilter,
): Promise<ReadonlyMap<ContentKind, number>> {
  const rows = await messagesWithRecipients(storage)
    .select(['msgrcpt.content', 'msgs.content as of_message'])
    .select(({ fn }) => fn.countAll().as('rows'))
    .where('msgs.time_num', '>=', from)
    .where('msgs.time_num', '<=', to)
    .where('msgs.content', 'is not', null)
    .where('msgs.quar_type', 'not in', NOT_QUARANTINED)
    .where(passes(filter))
    .where(areTheirs(recipients))
    .groupBy(['msgrcpt.content', 'msgs.content'])
    .execute()
  const counts = new Map<ContentKind, number>()
  for (const { content, of_message, rows: count } of rows) {
    const kind = contentKindOf(content.trim() || (of_message ?? '').trim())
    counts.set(kind, (counts.get(kind) ?? 0) + Number(count))
  }
  return counts
}
