import { type Kysely, sql } from 'kysely'
import { type ContentKind, contentKindOf } from '../content.ts'
import { messagesWithRecipients } from '../messages.ts'
import type { AmavisTables } from '../tables.ts'
import { NOT_QUARANTINED, type Seconds } from './stored-messages.ts'
import { passes, type RecipientFilter } from './stored-recipients.ts'

/** Whose mail is counted. */
export type CountedRecipients =
  | { readonly are: 'all' }
  /** As A-labels in lower case. */
  | { readonly are: 'inDomains'; readonly domains: readonly string[] }
  /** `msgrcpt.rid`. */
  | { readonly are: 'ids'; readonly ids: readonly number[] }

/**
 * How many rows of `msgrcpt` of some seconds pass a filter, by kind: along `msgs_idx_time_num` and the primary keys. It
 * reads all mail of these seconds, so they should be few.
 */
export async function countHeld(
  storage: Kysely<AmavisTables>,
  { from, to }: Seconds,
  recipients: CountedRecipients,
  filter: RecipientFilter,
): Promise<ReadonlyMap<ContentKind, number>> {
  const rows = await messagesWithRecipients(storage)
    .select(['msgrcpt.content', 'msgs.content as of_message'])
    .select(({ fn }) => fn.countAll().as('rows'))
    .where('msgs.time_num', '>=', from)
    .where('msgs.time_num', '<=', to)
    .where('msgs.content', 'is not', null)
    .where('msgs.quar_type', 'not in', NOT_QUARANTINED)
    .where(passes(filter))
    .where(areCounted(recipients))
    .groupBy(['msgrcpt.content', 'msgs.content'])
    .execute()
  const counts = new Map<ContentKind, number>()
  for (const { content, of_message, rows: count } of rows) {
    const kind = contentKindOf(content.trim() || (of_message ?? '').trim())
    counts.set(kind, (counts.get(kind) ?? 0) + Number(count))
  }
  return counts
}

function areCounted(recipients: CountedRecipients) {
  switch (recipients.are) {
    case 'all':
      return sql<boolean>`1 = 1`
    case 'inDomains':
      // A query for each row, so that no database reads all addresses.
      return recipients.domains.length === 0
        ? sql<boolean>`1 = 0`
        : sql<boolean>`(select domain from maddr where maddr.id = msgrcpt.rid) in (${sql.join(recipients.domains.map(reversed))})`
    case 'ids':
      return recipients.ids.length === 0
        ? sql<boolean>`1 = 0`
        : sql<boolean>`msgrcpt.rid + 0 in (${sql.join(recipients.ids)})`
  }
}

/** `maddr.domain` has the labels in reverse order: `com.example`. Source: find_or_save_addr of amavisd 2.13. */
const reversed = (domain: string): string => domain.split('.').reverse().join('.').slice(0, 255)
