import { sql } from 'kysely'
import type { Database } from '../../database/database.ts'
import type { LookupTables } from './lookup-tables.ts'

/**
 * Whether an entry could be written: a database looks at rights before it looks for rows. On PostgreSQL, the right to
 * take a new id from a sequence is not asked for, because that would use one up.
 */
export async function proveRights(database: Database<LookupTables>): Promise<void> {
  for (const statement of STATEMENTS) await statement.execute(database.sql)
}

const STATEMENTS = [
  sql`INSERT INTO policy (policy_name) SELECT policy_name FROM policy WHERE 1 = 0`,
  sql`INSERT INTO users (email, priority, policy_id) SELECT email, priority, policy_id FROM users WHERE 1 = 0`,
  sql`INSERT INTO mailaddr (email, priority) SELECT email, priority FROM mailaddr WHERE 1 = 0`,
  sql`INSERT INTO wblist (rid, sid, wb) SELECT rid, sid, wb FROM wblist WHERE 1 = 0`,
  sql`UPDATE wblist SET wb = 'W' WHERE 1 = 0`,
  sql`DELETE FROM wblist WHERE 1 = 0`,
]
