import type { Database } from '../database/database.ts'
import type { StateTables } from './state-tables.ts'

/** Until which of our migrations a program may lag behind and go on working: its number, as the latest one says. */
export async function readOldestCompatible(state: Database<StateTables>): Promise<number | undefined> {
  const row = await state.sql
    .selectFrom('digest_watermark')
    .select('value')
    .where('name', '=', NAME)
    .executeTakeFirst()
  return row && Number(row.value)
}

/** @param state in the migration's own transaction, where the database has one for changes of tables */
export async function writeOldestCompatible(
  state: Pick<Database<StateTables>, 'sql' | 'dialect'>,
  value: number,
): Promise<void> {
  const insert = state.sql.insertInto('digest_watermark').values({ name: NAME, value })
  await state.dialect.insertOrUpdate(insert, ['name'], ['value']).execute()
}

const NAME = 'oldest-compatible-schema'
