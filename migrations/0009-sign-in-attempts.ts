import type { Kysely } from 'kysely'
import { addMissing } from '../src/ground/database/add-missing.ts'
import type { Dialect } from '../src/ground/database/database.ts'

/**
 * Counts attempts to sign in with a password, for all processes together, and remembers in which browsers and networks
 * they succeeded.
 */
export async function addSignInAttempts(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const add = addMissing(db, dialect)
  await add.table('digest_attempt', table =>
    table
      .addColumn('attempt_id', 'varchar(32)', column => column.primaryKey())
      .addColumn('name_hash', 'varchar(16)', column => column.notNull())
      .addColumn('browser_hash', 'varchar(64)', column => column.notNull())
      .addColumn('network', 'varchar(64)', column => column.notNull())
      .addColumn('at', 'bigint', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .addColumn('outcome', 'varchar(16)', column => column.notNull()),
  )
  await add.index('digest_attempt_name', 'digest_attempt', ['name_hash', 'at'])
  await add.index('digest_attempt_network', 'digest_attempt', ['network', 'at'])
  await add.index('digest_attempt_at', 'digest_attempt', ['at'])
  await add.index('digest_attempt_expires', 'digest_attempt', ['expires_at'])
}
