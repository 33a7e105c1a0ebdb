import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

/**
 * Whether a machine was seen to read any digest that was made for a reader since a message came: one of them has
 * listed it, and the machine that reads one of them reads the others too.
 */
export async function isReadByMachine(
  state: Pick<Database<StateTables>, 'sql'>,
  reader: string,
  since: number,
): Promise<boolean> {
  const row = await state.sql
    .selectFrom('digest_digest')
    .select('digest_id')
    .where('reader', '=', reader)
    .where('created_at', '>=', since)
    .where('canary_at', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Notes that a machine has read a digest. @returns whether it is the first time */
export async function markFetched(
  state: Database<StateTables>,
  digestId: string,
  now: number,
): Promise<boolean> {
  const result = await state.sql
    .updateTable('digest_digest')
    .set({ canary_at: now })
    .where('digest_id', '=', digestId)
    .where('canary_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
