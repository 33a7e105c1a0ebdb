import type { CreateTableBuilder, Kysely } from 'kysely'
import type { Dialect } from '../src/database/database.ts'

/** Items, digests, runs, releases, schedules, preferences, the audit trail and the collector's watermark. */
export async function createFirstTables(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const create = <T extends string, C extends string>(table: CreateTableBuilder<T, C>) =>
    (dialect.tableOptions ? table.modifyEnd(dialect.tableOptions) : table).execute()

  await create(
    db.schema
      .createTable('digest_item')
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
      // mail_at: a partition tag made of the ISO week comes back after a year.
      .addUniqueConstraint('digest_item_key', ['partition_tag', 'mail_id', 'rseqnum', 'mail_at']),
  )
  await db.schema
    .createIndex('digest_item_pending')
    .on('digest_item')
    .columns(['digest_id', 'reader'])
    .execute()

  await create(
    db.schema
      .createTable('digest_digest')
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
  await db.schema
    .createIndex('digest_digest_due')
    .on('digest_digest')
    .columns(['state', 'next_attempt_at'])
    .execute()

  await create(
    db.schema
      .createTable('digest_run')
      .addColumn('run_id', 'varchar(32)', column => column.primaryKey())
      .addColumn('schedule', 'varchar(64)')
      .addColumn('due_at', 'bigint', column => column.notNull())
      .addColumn('started_at', 'bigint', column => column.notNull())
      .addColumn('finished_at', 'bigint')
      .addUniqueConstraint('digest_run_due', ['schedule', 'due_at']),
  )

  await create(
    db.schema
      .createTable('digest_release')
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
  await db.schema
    .createIndex('digest_release_due')
    .on('digest_release')
    .columns(['state', 'next_attempt_at'])
    .execute()

  await create(
    db.schema
      .createTable('digest_schedule')
      .addColumn('name', 'varchar(64)', column => column.primaryKey())
      .addColumn('crons', 'text', column => column.notNull())
      .addColumn('time_zone', 'varchar(64)', column => column.notNull())
      .addColumn('is_default', 'integer', column => column.notNull())
      .addColumn('enabled', 'integer', column => column.notNull())
      .addColumn('version', 'integer', column => column.notNull())
      .addColumn('updated_at', 'bigint', column => column.notNull()),
  )

  await create(
    db.schema
      .createTable('digest_preference')
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

  await create(
    db.schema
      .createTable('digest_audit')
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
  await db.schema.createIndex('digest_audit_item').on('digest_audit').columns(['item_id']).execute()

  await create(
    db.schema
      .createTable('digest_watermark')
      .addColumn('name', 'varchar(64)', column => column.primaryKey())
      .addColumn('value', 'bigint', column => column.notNull()),
  )
}
