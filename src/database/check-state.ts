import type { Database } from './database.ts'
import { requireMigrated } from './migrate.ts'
import type { StateTables } from './state-tables.ts'

/**
 * Proves that our own tables are those of this version and that the user may write them. Touches no row.
 *
 * @throws CodedError STATE_UNMIGRATED, STATE_NEWER, DATABASE_GRANT_MISSING, DATABASE_UNREACHABLE, DATABASE_REFUSED
 */
export async function checkState(state: Database<StateTables>): Promise<void> {
  await requireMigrated(state)
  const nowhere = { name: '', value: 0 }
  const insert = state.sql
    .insertInto('digest_watermark')
    .columns(['name', 'value'])
    .expression(from =>
      from.selectFrom('digest_watermark').select(['name', 'value']).where('name', '=', nowhere.name),
    )
  await insert.execute()
  await state.sql
    .updateTable('digest_watermark')
    .set({ value: nowhere.value })
    .where('name', '=', nowhere.name)
    .execute()
  await state.sql.deleteFrom('digest_watermark').where('name', '=', nowhere.name).execute()
}
