import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

const NAME = 'collected-until'

/** The time up to which held mail has been collected, in milliseconds; undefined before the first collecting. */
export async function readWatermark(state: Database<StateTables>): Promise<number | undefined> {
  const row = await state.sql
    .selectFrom('digest_watermark')
    .select('value')
    .where('name', '=', NAME)
    .executeTakeFirst()
  return row && Number(row.value)
}

export async function writeWatermark(state: Database<StateTables>, value: number): Promise<void> {
  const insert = state.sql.insertInto('digest_watermark').values({ name: NAME, value })
  await state.dialect.insertOrUpdate(insert, ['name'], ['value']).execute()
}
