import type { HeldMailKey, HeldMailRow } from '../amavis/held-mail.ts'
import { chunks } from '../database/chunks.ts'
import type { Database } from '../database/database.ts'
import type { ItemTable, StateTables } from '../database/state-tables.ts'
import { itemIdOf } from './item-id.ts'

export type NewItem = ItemTable

/** One held message for one recipient, as our table has it. */
export interface Item extends HeldMailKey {
  readonly itemId: string
  readonly recipient: string
  readonly reader: string
  readonly mailAt: number
  readonly digestId: string | null
}

/** Adds the items that are not there yet, and leaves the others as they are. @returns how many were new */
export async function addItems(state: Database<StateTables>, items: readonly NewItem[]): Promise<number> {
  let added = 0
  for (const some of chunks(items)) {
    const known = await state.sql
      .selectFrom('digest_item')
      .select('item_id')
      .where(
        'item_id',
        'in',
        some.map(item => item.item_id),
      )
      .execute()
    const knownIds = new Set(known.map(row => row.item_id))
    const fresh = some.filter(item => !knownIds.has(item.item_id))
    if (fresh.length === 0) continue
    await state.dialect.insertNew(state.sql.insertInto('digest_item').values(fresh), ['item_id']).execute()
    added += fresh.length
  }
  return added
}

export async function findItem(state: Database<StateTables>, itemId: string): Promise<Item | undefined> {
  const row = await state.sql
    .selectFrom('digest_item')
    .selectAll()
    .where('item_id', '=', itemId)
    .executeTakeFirst()
  return row && itemOf(row)
}

/** The row of a new item. */
export const itemFrom = (row: HeldMailRow, reader: string, now: number): NewItem => ({
  item_id: itemIdOf(row),
  partition_tag: row.partitionTag,
  mail_id: row.mailId,
  rseqnum: row.rseqnum,
  recipient: row.recipient,
  reader,
  content: row.content,
  mail_at: row.timeNum * 1000,
  collected_at: now,
  digest_id: null,
})

export const itemOf = (row: ItemTable): Item => ({
  itemId: row.item_id,
  partitionTag: row.partition_tag,
  mailId: row.mail_id,
  rseqnum: row.rseqnum,
  recipient: row.recipient,
  reader: row.reader,
  mailAt: Number(row.mail_at),
  digestId: row.digest_id,
})
