import { sql } from 'kysely'
import type { Database } from '../../src/ground/database/database.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'

/** From now on nothing can be written into the audit, as when the process is killed before that. */
export async function refuseAudit(state: Database<StateTables>): Promise<void> {
  await sql`create trigger no_audit before insert on digest_audit begin select raise(abort, 'no audit'); end`.execute(
    state.sql,
  )
}

export async function allowAudit(state: Database<StateTables>): Promise<void> {
  await sql`drop trigger no_audit`.execute(state.sql)
}
