import type { Kysely } from 'kysely'
import { addMissing } from '../src/ground/database/add-missing.ts'
import type { Dialect } from '../src/ground/database/database.ts'

/**
 * What readers ask for and admins decide, what the filter was told, and whether mail of blocked senders is left out of
 * digests. An older program does not read these tables; to it, a message that was requested is one with `rs` = p.
 */
export async function addWhoDecides(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const add = addMissing(db, dialect)

  await add.table('digest_request', table =>
    table
      .addColumn('request_id', 'varchar(32)', column => column.primaryKey())
      .addColumn('open_held_id', 'varchar(32)', column => column.unique())
      .addColumn('held_id', 'varchar(32)', column => column.notNull())
      .addColumn('partition_tag', 'integer', column => column.notNull())
      .addColumn('mail_id', 'varchar(64)', column => column.notNull())
      .addColumn('rseqnum', 'integer', column => column.notNull())
      .addColumn('recipient', 'varchar(320)', column => column.notNull())
      .addColumn('domain', 'varchar(320)', column => column.notNull())
      .addColumn('content', 'varchar(8)', column => column.notNull())
      .addColumn('mail_at', 'bigint', column => column.notNull())
      .addColumn('state', 'varchar(16)', column => column.notNull())
      .addColumn('asked_at', 'bigint', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .addColumn('first_by', 'varchar(320)')
      .addColumn('first_at', 'bigint')
      .addColumn('decided_by', 'varchar(320)')
      .addColumn('decided_at', 'bigint')
      .addColumn('note', 'text')
      .addColumn('marked', 'integer', column => column.notNull())
      .addColumn('next_at', 'bigint')
      .addColumn('version', 'integer', column => column.notNull()),
  )
  await add.index('digest_request_held', 'digest_request', ['held_id', 'asked_at'])
  await add.index('digest_request_state', 'digest_request', ['state', 'asked_at'])
  await add.index('digest_request_next', 'digest_request', ['next_at'])
  await add.index('digest_request_asked', 'digest_request', ['asked_at'])

  await add.table('digest_request_reader', table =>
    table
      .addColumn('request_id', 'varchar(32)', column => column.notNull())
      .addColumn('reader', 'varchar(320)', column => column.notNull())
      .addColumn('item_id', 'varchar(32)', column => column.notNull())
      .addColumn('asked_at', 'bigint', column => column.notNull())
      .addColumn('told', 'varchar(16)')
      .addPrimaryKeyConstraint('digest_request_reader_key', ['request_id', 'reader']),
  )

  await add.table('digest_lesson', table =>
    table
      .addColumn('held_id', 'varchar(32)', column => column.primaryKey())
      .addColumn('verdict', 'varchar(16)', column => column.notNull())
      .addColumn('actor', 'varchar(320)', column => column.notNull())
      .addColumn('at', 'bigint', column => column.notNull())
      .addColumn('state', 'varchar(16)', column => column.notNull()),
  )
  await add.index('digest_lesson_at', 'digest_lesson', ['at'])

  await add.column('digest_preference', 'leave_out_blocked', 'integer')
  // Who looked at what a reader sees.
  await add.index('digest_audit_reader', 'digest_audit', ['reader', 'action', 'at'])
}
