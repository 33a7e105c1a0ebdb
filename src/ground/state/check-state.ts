import type { Database } from '../database/database.ts'
import { requireMigrated } from './migrate.ts'
import type { StateTables } from './state-tables.ts'

/**
 * Proves that this version can work with our own tables and that the database user may write them. Touches no row.
 *
 * @returns the names of migrations that only a newer version knows
 * @throws CodedError STATE_UNMIGRATED, STATE_NEWER, DATABASE_GRANT_MISSING, DATABASE_UNREACHABLE, DATABASE_REFUSED
 */
export async function checkState(state: Database<StateTables>): Promise<string[]> {
  const newer = await requireMigrated(state)
  const noRow = { name: '', value: 0 }
  const insert = state.sql
    .insertInto('digest_watermark')
    .columns(['name', 'value'])
    .expression(from =>
      from.selectFrom('digest_watermark').select(['name', 'value']).where('name', '=', noRow.name),
    )
  await insert.execute()
  await state.sql
    .updateTable('digest_watermark')
    .set({ value: noRow.value })
    .where('name', '=', noRow.name)
    .execute()
  await state.sql.deleteFrom('digest_watermark').where('name', '=', noRow.name).execute()
  return newer
}
