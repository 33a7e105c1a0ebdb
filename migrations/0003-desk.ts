import { type Kysely, sql } from 'kysely'
import { addMissing } from '../src/ground/database/add-missing.ts'
import type { Dialect } from '../src/ground/database/database.ts'

/**
 * Adds what admins and readers can set and how they sign in: more options of schedules, locks, sign-ins, sessions, API
 * keys, and requests by machines. All new columns may be null, so that earlier versions go on working.
 */
export async function addDesk(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const add = addMissing(db, dialect)

  await add.column('digest_schedule', 'filters', 'text')
  await add.column('digest_schedule', 'min_messages', 'integer')
  await add.column('digest_schedule', 'send_empty', 'integer')
  await add.column('digest_schedule', 'spread', 'bigint')
  await add.column('digest_schedule', 'offered', 'integer')

  await add.column('digest_preference', 'locked', 'text')
  await add.column('digest_preference', 'zone_since', 'bigint')
  await sql`UPDATE digest_preference SET zone_since = updated_at WHERE zone_since IS NULL AND time_zone IS NOT NULL`.execute(
    db,
  )
  await add.index('digest_preference_zone', 'digest_preference', ['time_zone', 'zone_since', 'updated_at'])

  await add.column('digest_run', 'time_zones', 'text')
  // Finished runs are kept, and each new run looks for unfinished ones.
  await add.index('digest_run_unfinished', 'digest_run', ['finished_at', 'schedule', 'due_at'])

  await add.column('digest_digest', 'resent', 'integer')
  await add.column('digest_digest', 'send_at', 'bigint')
  await add.column('digest_digest', 'canary_at', 'bigint')
  await add.column('digest_digest', 'firm', 'integer')
  await add.index('digest_digest_reader', 'digest_digest', ['reader', 'created_at'])
  await add.index('digest_digest_created', 'digest_digest', ['created_at'])
  await add.index('digest_item_reader', 'digest_item', ['reader', 'collected_at'])
  // Covers everything that the figures of a day count: reading the rows themselves would take a hundred times as long.
  await add.index('digest_item_mail', 'digest_item', ['mail_at', 'content', 'digest_id', 'reader'])
  await add.column('digest_release', 'asked_by', 'varchar(320)')
  await add.index('digest_release_requested', 'digest_release', ['requested_at'])
  await add.index('digest_release_reader', 'digest_release', ['requested_by', 'finished_at'])
  await add.column('digest_audit', 'reader', 'varchar(320)')
  await add.column('digest_audit', 'digest_id', 'varchar(32)')
  await add.index('digest_audit_at', 'digest_audit', ['at'])
  await add.index('digest_audit_digest', 'digest_audit', ['digest_id'])

  await add.table('digest_sign_in', table =>
    table
      .addColumn('token_hash', 'varchar(64)', column => column.primaryKey())
      .addColumn('admin', 'varchar(320)', column => column.notNull())
      .addColumn('browser_hash', 'varchar(64)', column => column.notNull())
      .addColumn('created_at', 'bigint', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .addColumn('used_at', 'bigint'),
  )
  await add.index('digest_sign_in_admin', 'digest_sign_in', ['admin', 'created_at'])
  await add.index('digest_sign_in_expires', 'digest_sign_in', ['expires_at'])

  await add.table('digest_session', table =>
    table
      .addColumn('session_hash', 'varchar(64)', column => column.primaryKey())
      .addColumn('admin', 'varchar(320)', column => column.notNull())
      .addColumn('created_at', 'bigint', column => column.notNull())
      .addColumn('seen_at', 'bigint', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull()),
  )
  await add.index('digest_session_admin', 'digest_session', ['admin'])
  await add.index('digest_session_expires', 'digest_session', ['expires_at'])

  await add.table('digest_api_key', table =>
    table
      .addColumn('key_id', 'varchar(32)', column => column.primaryKey())
      .addColumn('name', 'varchar(64)', column => column.notNull())
      .addColumn('key_hash', 'varchar(64)', column => column.notNull())
      .addColumn('scope', 'varchar(16)', column => column.notNull())
      .addColumn('domains', 'text')
      .addColumn('created_at', 'bigint', column => column.notNull())
      .addColumn('used_at', 'bigint')
      .addColumn('revoked_at', 'bigint'),
  )

  await add.table('digest_destination', table =>
    table
      .addColumn('request_id', 'varchar(32)', column => column.primaryKey())
      .addColumn('reader', 'varchar(320)', column => column.notNull())
      .addColumn('deliver_to', 'varchar(320)', column => column.notNull())
      .addColumn('moves_from', 'varchar(320)', column => column.notNull())
      .addColumn('requested_at', 'bigint', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .addColumn('used_at', 'bigint'),
  )
  await add.index('digest_destination_reader', 'digest_destination', ['reader', 'requested_at'])
  await add.index('digest_destination_expires', 'digest_destination', ['expires_at'])

  await add.table('digest_click', table =>
    table
      .addColumn('click_id', 'varchar(32)', column => column.primaryKey())
      .addColumn('at', 'bigint', column => column.notNull())
      .addColumn('digest_id', 'varchar(32)')
      .addColumn('domain', 'varchar(255)', column => column.notNull())
      .addColumn('page', 'varchar(16)', column => column.notNull())
      .addColumn('method', 'varchar(8)', column => column.notNull())
      .addColumn('after_ms', 'bigint'),
  )
  await add.index('digest_click_at', 'digest_click', ['at'])
}
