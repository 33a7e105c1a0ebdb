import type { Kysely } from 'kysely'
import { addMissing } from '../src/ground/database/add-missing.ts'
import type { Dialect } from '../src/ground/database/database.ts'

/**
 * What the quarantine on the web brings: deletions that can be taken back, and several messages that are released or
 * deleted at once. An older program does not read these tables.
 */
export async function addBulkActions(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const add = addMissing(db, dialect)

  await add.table('digest_deletion', table =>
    table
      .addColumn('held_id', 'varchar(32)', column => column.primaryKey())
      .addColumn('former', 'varchar(16)', column => column.notNull())
      .addColumn('actor_kind', 'varchar(16)', column => column.notNull())
      .addColumn('actor', 'varchar(320)', column => column.notNull())
      .addColumn('deleted_at', 'bigint', column => column.notNull()),
  )
  await add.index('digest_deletion_at', 'digest_deletion', ['deleted_at'])

  await add.table('digest_bulk', table =>
    table
      .addColumn('bulk_id', 'varchar(32)', column => column.primaryKey())
      .addColumn('act', 'varchar(16)', column => column.notNull())
      .addColumn('owner', 'varchar(64)', column => column.notNull())
      .addColumn('viewer', 'text', column => column.notNull())
      .addColumn('confirmed', 'integer', column => column.notNull())
      .addColumn('is_cut', 'integer', column => column.notNull())
      .addColumn('created_at', 'bigint', column => column.notNull())
      .addColumn('finished_at', 'bigint')
      .addColumn('lease_owner', 'varchar(64)')
      .addColumn('lease_until', 'bigint'),
  )
  await add.index('digest_bulk_open', 'digest_bulk', ['finished_at', 'created_at'])
  await add.index('digest_bulk_created', 'digest_bulk', ['created_at'])

  await add.table('digest_bulk_row', table =>
    table
      .addColumn('bulk_id', 'varchar(32)', column => column.notNull())
      .addColumn('position', 'integer', column => column.notNull())
      .addColumn('ref', 'varchar(320)', column => column.notNull())
      .addColumn('held_id', 'varchar(32)')
      .addColumn('recipient', 'varchar(320)', column => column.notNull())
      .addColumn('subject', 'text', column => column.notNull())
      .addColumn('status', 'varchar(32)', column => column.notNull())
      .addColumn('code', 'varchar(32)')
      .addPrimaryKeyConstraint('digest_bulk_row_key', ['bulk_id', 'position']),
  )
}
