import type { HeldMailKey } from '../amavis/held-mail.ts'
import { chunks } from '../database/chunks.ts'
import type { Database } from '../database/database.ts'
import type { ItemTable, StateTables } from '../database/state-tables.ts'

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

/** The item of one message for one recipient address; what an admin names on the command line. */
export async function findItemsByMailId(state: Database<StateTables>, mailId: string): Promise<Item[]> {
  const rows = await state.sql.selectFrom('digest_item').selectAll().where('mail_id', '=', mailId).execute()
  return rows.map(itemOf)
}

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
