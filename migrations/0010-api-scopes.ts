import type { Kysely } from 'kysely'
import { addMissing } from '../src/ground/database/add-missing.ts'
import type { Dialect } from '../src/ground/database/database.ts'

/**
 * Several scopes for a key of the API, with a blank between. Null: the one in `scope`. An older program, which has no
 * path for the others, goes on reading `scope`.
 */
export async function addApiScopes(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await addMissing(db, dialect).column('digest_api_key', 'scopes', 'varchar(320)')
}
