import type { Database } from '../../../ground/database/database.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'

/** How many readers one transaction serves. */
const BATCH = 500

/**
 * Walks over the readers who have pending items, in batches and in the order of their addresses. Each batch is a
 * statement of its own that follows the index `(digest_id, reader)`, so no cursor stays open.
 *
 * @param only these readers, if given: at least one
 */
export async function* pendingReaders(
  state: Database<StateTables>,
  only?: readonly string[],
): AsyncGenerator<string[]> {
  for (let last = ''; ; ) {
    const rows = await state.sql
      .selectFrom('digest_item')
      .select('reader')
      .distinct()
      .where('digest_id', 'is', null)
      .where('reader', '>', last)
      .$if(only !== undefined, query => query.where('reader', 'in', only ?? []))
      .orderBy('reader')
      .limit(BATCH)
      .execute()
    const readers = rows.map(row => row.reader)
    if (readers.length > 0) yield readers
    if (readers.length < BATCH) return
    last = readers.at(-1) ?? ''
  }
}
