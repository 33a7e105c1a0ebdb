import type { Kysely } from 'kysely'
import { addMissing } from '../src/ground/database/add-missing.ts'
import type { Dialect } from '../src/ground/database/database.ts'

/** Items, digests, runs, releases, schedules, preferences, the audit trail and the collector's watermark. */
export async function createFirstTables(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const add = addMissing(db, dialect)

  await add.table('digest_item', table =>
    table
      .addColumn('item_id', 'varchar(32)', column => column.primaryKey())
      .addColumn('partition_tag', 'integer', column => column.notNull())
      .addColumn('mail_id', 'varchar(64)', column => column.notNull())
      .addColumn('rseqnum', 'integer', column => column.notNull())
      .addColumn('recipient', 'varchar(320)', column => column.notNull())
      .addColumn('reader', 'varchar(320)', column => column.notNull())
      .addColumn('content', 'varchar(8)', column => column.notNull())
      .addColumn('mail_at', 'bigint', column => column.notNull())
      .addColumn('collected_at', 'bigint', column => column.notNull())
      .addColumn('digest_id', 'varchar(32)')
      // With mail_at, because a partition tag made of the ISO week recurs after a year.
      .addUniqueConstraint('digest_item_key', ['partition_tag', 'mail_id', 'rseqnum', 'mail_at']),
  )
  await add.index('digest_item_pending', 'digest_item', ['digest_id', 'reader'])

  await add.table('digest_digest', table =>
    table
      .addColumn('digest_id', 'varchar(32)', column => column.primaryKey())
      .addColumn('run_id', 'varchar(32)', column => column.notNull())
      .addColumn('batch_id', 'varchar(32)', column => column.notNull())
      .addColumn('reader', 'varchar(320)', column => column.notNull())
      .addColumn('deliver_to', 'varchar(320)', column => column.notNull())
      .addColumn('language', 'varchar(64)', column => column.notNull())
      .addColumn('time_zone', 'varchar(64)', column => column.notNull())
      .addColumn('item_count', 'integer', column => column.notNull())
      .addColumn('state', 'varchar(16)', column => column.notNull())
      .addColumn('created_at', 'bigint', column => column.notNull())
      .addColumn('attempts', 'integer', column => column.notNull())
      .addColumn('next_attempt_at', 'bigint', column => column.notNull())
      .addColumn('lease_owner', 'varchar(64)')
      .addColumn('lease_until', 'bigint')
      .addColumn('finished_at', 'bigint')
      .addColumn('reply', 'varchar(1000)')
      .addUniqueConstraint('digest_digest_batch', ['batch_id', 'reader']),
  )
  await add.index('digest_digest_due', 'digest_digest', ['state', 'next_attempt_at'])

  await add.table('digest_run', table =>
    table
      .addColumn('run_id', 'varchar(32)', column => column.primaryKey())
      .addColumn('schedule', 'varchar(64)')
      .addColumn('due_at', 'bigint', column => column.notNull())
      .addColumn('started_at', 'bigint', column => column.notNull())
      .addColumn('finished_at', 'bigint')
      .addUniqueConstraint('digest_run_due', ['schedule', 'due_at']),
  )

  await add.table('digest_release', table =>
    table
      .addColumn('item_id', 'varchar(32)', column => column.primaryKey())
      .addColumn('state', 'varchar(16)', column => column.notNull())
      .addColumn('claim_id', 'varchar(32)', column => column.notNull())
      .addColumn('requested_by', 'varchar(320)', column => column.notNull())
      .addColumn('requested_at', 'bigint', column => column.notNull())
      .addColumn('lease_until', 'bigint', column => column.notNull())
      .addColumn('attempts', 'integer', column => column.notNull())
      .addColumn('next_attempt_at', 'bigint')
      .addColumn('finished_at', 'bigint')
      .addColumn('code', 'varchar(64)')
      .addColumn('reply', 'varchar(1000)'),
  )
  await add.index('digest_release_due', 'digest_release', ['state', 'next_attempt_at'])

  await add.table('digest_schedule', table =>
    table
      .addColumn('name', 'varchar(64)', column => column.primaryKey())
      .addColumn('crons', 'text', column => column.notNull())
      .addColumn('time_zone', 'varchar(64)', column => column.notNull())
      .addColumn('is_default', 'integer', column => column.notNull())
      .addColumn('enabled', 'integer', column => column.notNull())
      .addColumn('version', 'integer', column => column.notNull())
      .addColumn('updated_at', 'bigint', column => column.notNull()),
  )

  await add.table('digest_preference', table =>
    table
      .addColumn('scope', 'varchar(320)', column => column.primaryKey())
      .addColumn('schedules', 'text')
      .addColumn('language', 'varchar(64)')
      .addColumn('time_zone', 'varchar(64)')
      .addColumn('deliver_to', 'varchar(320)')
      .addColumn('paused_until', 'bigint')
      .addColumn('enabled', 'integer')
      .addColumn('version', 'integer', column => column.notNull())
      .addColumn('updated_at', 'bigint', column => column.notNull()),
  )

  await add.table('digest_audit', table =>
    table
      .addColumn('audit_id', 'varchar(32)', column => column.primaryKey())
      .addColumn('at', 'bigint', column => column.notNull())
      .addColumn('actor_kind', 'varchar(16)', column => column.notNull())
      .addColumn('actor', 'varchar(320)', column => column.notNull())
      .addColumn('remote_address', 'varchar(64)')
      .addColumn('action', 'varchar(32)', column => column.notNull())
      .addColumn('item_id', 'varchar(32)')
      .addColumn('recipient', 'varchar(320)')
      .addColumn('outcome', 'varchar(64)', column => column.notNull())
      .addColumn('detail', 'varchar(1000)'),
  )
  await add.index('digest_audit_item', 'digest_audit', ['item_id'])

  await add.table('digest_watermark', table =>
    table
      .addColumn('name', 'varchar(64)', column => column.primaryKey())
      .addColumn('value', 'bigint', column => column.notNull()),
  )
}
