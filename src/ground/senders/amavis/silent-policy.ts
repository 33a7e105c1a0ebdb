import type { Database } from '../../database/database.ts'
import { foundOrAdded } from './found-or-added.ts'
import type { LookupTables } from './lookup-tables.ts'

/**
 * The id of a policy that says nothing: amavisd.conf goes on deciding about a recipient to whose row it belongs. A
 * number without a row would do for amavisd's own query, but not for its schema for PostgreSQL, which has a foreign
 * key, nor for an admin's query with an inner join.
 */
export const silentPolicy = (database: Database<LookupTables>): Promise<number> =>
  foundOrAdded(
    () => policyOfThatName(database),
    // Every other column is NULL by default. A second one, of another process at this moment, does no harm.
    () => database.sql.insertInto('policy').values({ policy_name: NAME }).execute(),
  )

/** The column has 32 characters. */
const NAME = 'none (amavis-digest)'

async function policyOfThatName({ sql }: Database<LookupTables>): Promise<number | undefined> {
  const query = sql.selectFrom('policy').select('id').where('policy_name', '=', NAME).orderBy('id')
  const row = await query.limit(1).executeTakeFirst()
  return row && Number(row.id)
}
