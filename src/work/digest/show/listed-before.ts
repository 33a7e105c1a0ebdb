import type { Kysely } from 'kysely'
import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import type { ErrorCode } from '../../../ground/errors.ts'
import { heldIdOfItem } from '../../../ground/state/item-and-release.ts'
import type { ItemTable, StateTables } from '../../../ground/state/state-tables.ts'
import { type Item, itemOf } from '../../collect/items.ts'

/** An item, and when the digest that listed it was made. */
export interface ListedItem {
  readonly item: Item
  readonly listedAt: number
}

type State = Pick<Database<StateTables>, 'sql'>

/**
 * The items that delivered digests have listed to these readers and that still wait: nobody has released them through
 * this program or asked it to, or the attempt failed or its outcome is uncertain. Items that amavisd no longer has are
 * left out. Each reader's oldest ones come first, because they expire first.
 *
 * @param after only digests made after this time
 * @param most how many items per reader
 */
export async function listedBefore(
  state: State,
  readers: readonly string[],
  after: number,
  most: number,
): Promise<ListedItem[]> {
  const [only] = readers
  if (only !== undefined && readers.length === 1) return listedToOne(state, only, after, most)
  const found: ListedItem[] = []
  for (const chunk of chunks(readers)) {
    const rows = await state.sql
      .selectFrom(numbered(state.sql, chunk, after).as('listed'))
      .selectAll()
      .where('place', '<=', most)
      .execute()
    found.push(...rows.map(listedItemOf))
  }
  return found
}

/** Reads the digests of one reader from the oldest on, and no more of them than it takes to find enough items. */
async function listedToOne(
  { sql }: State,
  reader: string,
  after: number,
  most: number,
): Promise<ListedItem[]> {
  const oldest = unreleased(sql, [reader], after).orderBy('digest.created_at').limit(most)
  return (await oldest.execute()).map(listedItemOf)
}

const listedItemOf = (row: ItemTable & { readonly listed_at: number }): ListedItem => ({
  item: itemOf(row),
  listedAt: Number(row.listed_at),
})

/** The place of each item among those of its reader. */
const numbered = (sql: Kysely<StateTables>, readers: readonly string[], after: number) =>
  unreleased(sql, readers, after).select(({ fn }) =>
    fn
      .agg<number>('row_number')
      .over(over => over.partitionBy('digest.reader').orderBy('digest.created_at').orderBy('item.item_id'))
      .as('place'),
  )

const unreleased = (sql: Kysely<StateTables>, readers: readonly string[], after: number) =>
  sql
    .selectFrom('digest_digest as digest')
    .innerJoin('digest_item as item', 'item.digest_id', 'digest.digest_id')
    .leftJoin('digest_release as release', join => join.on('release.item_id', '=', heldIdOfItem('item')))
    .selectAll('item')
    .select('digest.created_at as listed_at')
    .where('digest.reader', 'in', readers)
    .where('digest.created_at', '>', after)
    // A digest that is being resent was delivered before.
    .where(row => row.or([row('digest.state', '=', 'sent'), row('digest.resent', 'is not', null)]))
    .where(row =>
      row.or([row('release.state', 'is', null), row('release.state', 'in', ['failed', 'uncertain'])]),
    )
    .where(({ fn, val }) => fn.coalesce('release.code', val('')), '<>', GONE)

/** amavisd was asked for the message and did not find it. */
const GONE: ErrorCode = 'MESSAGE_GONE'
