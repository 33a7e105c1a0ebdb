import type { Kysely } from 'kysely'
import { addMissing } from '../src/ground/database/add-missing.ts'
import type { Dialect } from '../src/ground/database/database.ts'

/** Indexes for pages whose time would otherwise grow with the tables. An older program does not use them. */
export async function addPageIndexes(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const add = addMissing(db, dialect)
  // The digests of one domain's readers: the index has all that tells whether a digest is one of them.
  await add.index('digest_digest_created_reader', 'digest_digest', ['created_at', 'reader'])
  // The messages of a day that have several readers.
  await add.index('digest_item_shared', 'digest_item', ['mail_at', 'held_id'])
}
