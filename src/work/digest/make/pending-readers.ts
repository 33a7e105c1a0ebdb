import type { Database } from '../../../ground/database/database.ts'
import { walkByKey } from '../../../ground/database/walk-by-key.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { waitingItems } from '../../../ground/state/waiting-items.ts'

/**
 * Walks over the readers who have pending items, in batches and in the order of their addresses. Each batch is a
 * statement of its own that follows the index `(digest_id, reader)`, so no cursor stays open.
 *
 * @param only these readers, if given: at least one
 */
export const pendingReaders = (
  state: Database<StateTables>,
  only?: readonly string[],
): AsyncGenerator<readonly string[]> =>
  walkByKey(async (last, limit) => {
    const rows = await waitingItems(state)
      .select('reader')
      .distinct()
      .where('reader', '>', last)
      .$if(only !== undefined, query => query.where('reader', 'in', only ?? []))
      .orderBy('reader')
      .limit(limit)
      .execute()
    return rows.map(row => row.reader)
  })
