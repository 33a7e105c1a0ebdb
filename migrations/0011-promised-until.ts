import type { Kysely } from 'kysely'
import { addMissing } from '../src/ground/database/add-missing.ts'
import type { Dialect } from '../src/ground/database/database.ts'

/**
 * Until when the mails that list an item promise that it can be released. An older program writes no such time, and
 * null means the one that the configuration gives.
 */
export async function addPromisedUntil(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await addMissing(db, dialect).column('digest_item', 'promised_until', 'bigint')
}
