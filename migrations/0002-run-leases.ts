import type { Kysely } from 'kysely'

/** Who makes a run now, and until when it is theirs. Version 1 of the tables goes on working beside it. */
export async function addRunLeases(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('digest_run').addColumn('lease_owner', 'varchar(64)').execute()
  await db.schema.alterTable('digest_run').addColumn('lease_until', 'bigint').execute()
}
