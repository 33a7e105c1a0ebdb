import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import { inTransaction } from '../../../ground/database/transaction.ts'
import { DAY } from '../../../ground/durations.ts'
import type { BulkRowTable, BulkTable, StateTables } from '../../../ground/state/state-tables.ts'
import type { RowEnd } from './bulk.ts'

type State = Database<StateTables>

/** Writes all of it or nothing: no process works on a part. */
export const insertBulk = (state: State, bulk: BulkTable, rows: readonly BulkRowTable[]): Promise<void> =>
  inTransaction(state, async transaction => {
    await transaction.insertInto('digest_bulk').values(bulk).execute()
    for (const chunk of chunks(rows, 100))
      await transaction.insertInto('digest_bulk_row').values(chunk).execute()
  })

export const findBulk = ({ sql }: State, id: string): Promise<BulkTable | undefined> =>
  sql.selectFrom('digest_bulk').selectAll().where('bulk_id', '=', id).executeTakeFirst()

/** In the order in which they are done. */
export const rowsOfBulk = ({ sql }: State, id: string): Promise<BulkRowTable[]> =>
  sql.selectFrom('digest_bulk_row').selectAll().where('bulk_id', '=', id).orderBy('position').execute()

/** The next rows on which nobody has worked yet. */
export const waitingRows = ({ sql }: State, id: string): Promise<BulkRowTable[]> =>
  sql
    .selectFrom('digest_bulk_row')
    .selectAll()
    .where('bulk_id', '=', id)
    .where('status', '=', 'waiting')
    .orderBy('position')
    .execute()

/** How many of one owner are not over. */
export async function openBulksOf({ sql }: State, owner: string, now: number): Promise<number> {
  const rows = await sql
    .selectFrom('digest_bulk')
    .select('bulk_id')
    .where('finished_at', 'is', null)
    .where('owner', '=', owner)
    .where('created_at', '>', now - GIVEN_UP_AFTER)
    .execute()
  return rows.length
}

/** Those that are not over and on which no process works, the oldest first. */
export async function freeBulkIds({ sql }: State, now: number, limit: number): Promise<string[]> {
  const rows = await sql
    .selectFrom('digest_bulk')
    .select('bulk_id')
    .where('finished_at', 'is', null)
    .where('created_at', '>', now - GIVEN_UP_AFTER)
    .where(({ or, eb }) => or([eb('lease_until', 'is', null), eb('lease_until', '<=', now)]))
    .orderBy('created_at')
    .limit(limit)
    .execute()
  return rows.map(row => row.bulk_id)
}

/** A database that is away does not hold it up for longer, in milliseconds: nobody remembers what was wanted. */
export const GIVEN_UP_AFTER = DAY

/** A process works on it until then, in milliseconds since the epoch. */
export interface BulkLease {
  readonly id: string
  readonly owner: string
  readonly until: number
}

/** @returns false when another process was quicker, or it is over */
export async function takeBulk(
  { sql }: State,
  { id, owner, until }: BulkLease,
  now: number,
): Promise<boolean> {
  const result = await sql
    .updateTable('digest_bulk')
    .set({ lease_owner: owner, lease_until: until })
    .where('bulk_id', '=', id)
    .where('finished_at', 'is', null)
    .where(({ or, eb }) => or([eb('lease_until', 'is', null), eb('lease_until', '<=', now)]))
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** @returns false when another process has taken it over, because this one was too slow */
export async function keepBulk({ sql }: State, { id, owner, until }: BulkLease): Promise<boolean> {
  const result = await sql
    .updateTable('digest_bulk')
    .set({ lease_until: until })
    .where('bulk_id', '=', id)
    .where('lease_owner', '=', owner)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Gives it back, over or not. @param finishedAt null when there is more to do */
export async function returnBulk(
  { sql }: State,
  { id, owner }: Pick<BulkLease, 'id' | 'owner'>,
  finishedAt: number | null,
): Promise<void> {
  await sql
    .updateTable('digest_bulk')
    .set({ lease_owner: null, lease_until: null, finished_at: finishedAt })
    .where('bulk_id', '=', id)
    .where('lease_owner', '=', owner)
    .execute()
}

/** Records what became of a row, unless another process has done so. */
export async function endRow(
  { sql }: State,
  { bulk_id, position }: Pick<BulkRowTable, 'bulk_id' | 'position'>,
  { status, code }: RowEnd,
): Promise<void> {
  await sql
    .updateTable('digest_bulk_row')
    .set({ status, code })
    .where('bulk_id', '=', bulk_id)
    .where('position', '=', position)
    .where('status', '=', 'waiting')
    .execute()
}
