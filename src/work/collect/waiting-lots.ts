import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { waitingItems } from '../../ground/state/waiting-items.ts'

/** How many readers and how many of their items are read together, at most. */
export interface LotSize {
  readonly readers: number
  /** A reader with more is a lot alone. */
  readonly items: number
}

/**
 * Walks over the readers for whom items wait, in the order of their addresses, a lot at a time. However unevenly the
 * items are spread, a lot holds about as many: what works through the lots needs no more memory for a million readers
 * than for a thousand. Each lot is found by a statement of its own, along the index `(digest_id, reader)` alone.
 *
 * @param only these readers, if given: at least one
 */
export async function* waitingLots(
  state: Database<StateTables>,
  size: LotSize,
  only?: readonly string[],
): AsyncGenerator<readonly string[]> {
  for (let last = ''; ; ) {
    const found = await readersAfter(state, last, size.readers, only)
    const lot = firstLot(found, size.items)
    if (lot.length > 0) yield lot
    if (lot.length === found.length && found.length < size.readers) return
    last = lot.at(-1) ?? last
  }
}

interface WaitingReader {
  readonly reader: string
  readonly items: number
}

async function readersAfter(
  state: Database<StateTables>,
  last: string,
  limit: number,
  only: readonly string[] | undefined,
): Promise<WaitingReader[]> {
  const rows = await waitingItems(state)
    .select(({ fn }) => ['reader', fn.countAll().as('items')])
    .where('reader', '>', last)
    .$if(only !== undefined, query => query.where('reader', 'in', only ?? []))
    .groupBy('reader')
    .orderBy('reader')
    .limit(limit)
    .execute()
  return rows.map(({ reader, items }) => ({ reader, items: Number(items) }))
}

/** As many of these readers as fit, and at least one. The walk goes on behind them, so that every lot is a full one. */
function firstLot(found: readonly WaitingReader[], most: number): readonly string[] {
  let items = 0
  const tooMany = found.findIndex((each, index) => {
    items += each.items
    return index > 0 && items > most
  })
  return found.slice(0, tooMany < 0 ? undefined : tooMany).map(({ reader }) => reader)
}
