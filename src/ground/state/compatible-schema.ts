import type { Database } from '../database/database.ts'
import type { StateTables } from './state-tables.ts'

/**
 * The number of the migration that a program must know at least to work with these tables, as the latest one set it.
 */
export async function readOldestCompatible(state: Database<StateTables>): Promise<number | undefined> {
  const row = await state.sql
    .selectFrom('digest_watermark')
    .select('value')
    .where('name', '=', NAME)
    .executeTakeFirst()
  return row && Number(row.value)
}

/** @param state the migration's own transaction, if the database has transactions for schema changes */
export async function writeOldestCompatible(
  state: Pick<Database<StateTables>, 'sql' | 'dialect'>,
  value: number,
): Promise<void> {
  const insert = state.sql.insertInto('digest_watermark').values({ name: NAME, value })
  await state.dialect.insertOrUpdate(insert, ['name'], ['value']).execute()
}

const NAME = 'oldest-compatible-schema'
