import type { Kysely } from 'kysely'
import { addMissing } from '../src/ground/database/add-missing.ts'
import type { Dialect } from '../src/ground/database/database.ts'

/**
 * Adds leases to runs: which process makes a run's digests, and until when. A program that knows only version 1 of the
 * tables goes on working.
 */
export async function addRunLeases(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const add = addMissing(db, dialect)
  await add.column('digest_run', 'lease_owner', 'varchar(64)')
  await add.column('digest_run', 'lease_until', 'bigint')
}
