import type { Database } from '../database/database.ts'
import type { StateTables } from './state-tables.ts'

/** Reads the number that is stored under a name; undefined if there is none. */
export async function readValue(
  { sql }: Pick<Database<StateTables>, 'sql'>,
  name: string,
): Promise<number | undefined> {
  const row = await sql
    .selectFrom('digest_watermark')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst()
  return row && Number(row.value)
}

/** Stores a number under a name. It replaces the number that was there. */
export async function writeValue(
  { sql, dialect }: Pick<Database<StateTables>, 'sql' | 'dialect'>,
  name: string,
  value: number,
): Promise<void> {
  const insert = sql.insertInto('digest_watermark').values({ name, value })
  await dialect.insertOrUpdate(insert, ['name'], ['value']).execute()
}

/**
 * Replaces the number under a name, if it still is the one that was read. Of several callers who read the same one wins.
 *
 * @param seen undefined: there was none
 */
export async function replaceValue(
  { sql, dialect }: Pick<Database<StateTables>, 'sql' | 'dialect'>,
  name: string,
  seen: number | undefined,
  value: number,
): Promise<boolean> {
  if (seen === undefined) {
    const insert = sql.insertInto('digest_watermark').values({ name, value: NO_VALUE })
    await dialect.insertNew(insert, ['name']).execute()
  }
  const result = await sql
    .updateTable('digest_watermark')
    .set({ value })
    .where('name', '=', name)
    .where('value', '=', seen ?? NO_VALUE)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Nobody stores this number. */
const NO_VALUE = -1

/** The numbers whose names begin with a prefix. */
export const valuesUnder = ({ sql }: Pick<Database<StateTables>, 'sql'>, prefix: `${string}/`) =>
  sql
    .selectFrom('digest_watermark')
    .where('name', '>=', prefix)
    // The first name after all with the prefix: 0 follows the slash.
    .where('name', '<', `${prefix.slice(0, -1)}0`)
