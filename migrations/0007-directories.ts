import type { Kysely } from 'kysely'
import { addMissing } from '../src/ground/database/add-missing.ts'
import type { Dialect } from '../src/ground/database/database.ts'

/**
 * What directories bring: a held message may have several readers, each with an item of their own; what a directory has
 * answered is kept for when it is away; a reader's digests may also be sent to others.
 *
 * An older program goes on working with `directory.kind: addresses`, the only one that it knows. It has to be stopped
 * before another kind, a `recipientDelimiter` or copies are configured: it would release a message once for each of its
 * items, and end copies without sending them.
 */
export async function addDirectories(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const add = addMissing(db, dialect)

  await add.withoutUnique('digest_item', 'digest_item_key')
  // The unique key was also the index along which the items of a message are found.
  await add.index('digest_item_message', 'digest_item', ['partition_tag', 'mail_id'])
  await add.column('digest_item', 'held_id', 'varchar(32)')
  await add.index('digest_item_held', 'digest_item', ['held_id'])
  await add.column('digest_release', 'asked_item', 'varchar(32)')

  await add.table('digest_answer', table =>
    table
      .addColumn('address', 'varchar(320)', column => column.primaryKey())
      .addColumn('source', 'varchar(32)', column => column.notNull())
      .addColumn('answer', 'text', column => column.notNull())
      .addColumn('asked_at', 'bigint', column => column.notNull()),
  )
  await add.index('digest_answer_asked', 'digest_answer', ['asked_at'])

  await add.column('digest_preference', 'copy_to', 'text')
  await add.column('digest_digest', 'copy_of', 'varchar(32)')
  await add.column('digest_item', 'listed_in', 'varchar(32)')
  await add.index('digest_digest_copy', 'digest_digest', ['copy_of'])
}
