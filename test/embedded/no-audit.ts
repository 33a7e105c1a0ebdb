import { sql } from 'kysely'
import type { Database } from '../../src/ground/database/database.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'

/** Makes every write to the audit fail from now on, as if the process were killed before it. */
export async function refuseAudit(state: Database<StateTables>): Promise<void> {
  await sql`create trigger no_audit before insert on digest_audit begin select raise(abort, 'no audit'); end`.execute(
    state.sql,
  )
}

export async function allowAudit(state: Database<StateTables>): Promise<void> {
  await sql`drop trigger no_audit`.execute(state.sql)
}
