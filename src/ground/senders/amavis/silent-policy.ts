import type { Database } from '../../database/database.ts'
import type { LookupTables } from './lookup-tables.ts'

/**
 * The id of a policy that says nothing: amavisd.conf goes on deciding about a recipient to whose row it belongs. A
 * number without a row would do for amavisd's own query, but not for its schema for PostgreSQL, which has a foreign
 * key, nor for an admin's query with an inner join.
 */
export async function silentPolicy(database: Database<LookupTables>): Promise<number> {
  const present = await policyOfThatName(database)
  if (present !== undefined) return present
  // Every other column is NULL by default. A second one, of another process at this moment, does no harm.
  await database.sql.insertInto('policy').values({ policy_name: NAME }).execute()
  const made = await policyOfThatName(database)
  if (made === undefined) throw new Error(`policy has no row ${NAME} although it was just added`)
  return made
}

/** The column has 32 characters. */
const NAME = 'none (amavis-digest)'

async function policyOfThatName({ sql }: Database<LookupTables>): Promise<number | undefined> {
  const query = sql.selectFrom('policy').select('id').where('policy_name', '=', NAME).orderBy('id')
  const row = await query.limit(1).executeTakeFirst()
  return row && Number(row.id)
}
