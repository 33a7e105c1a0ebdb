import type { Kysely } from 'kysely'
import { addMissing } from '../src/ground/database/add-missing.ts'
import type { Dialect } from '../src/ground/database/database.ts'

/** The words by which a reader knows that a digest is genuine. Null: not set. */
export async function addPhrases(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await addMissing(db, dialect).column('digest_preference', 'phrase', 'varchar(64)')
}
