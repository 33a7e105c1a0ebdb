import type { Kysely } from 'kysely'
import { addMissing } from '../src/ground/database/add-missing.ts'
import type { Dialect } from '../src/ground/database/database.ts'

/**
 * Sign-in links and sessions get a kind: `admin` or `reader`.
 *
 * Version 3 of the tables goes on working beside it. A version that does not know the column writes rows of admins, and
 * the default says so. The address stays in the column `admin`, whoever signs in, because that version reads it by this
 * name. It does not look at the kind either; why it still finds no reader's row is in `src/ground/sign-in/secret.ts`.
 *
 * There is no new index. Rows are found by their hash, or by an address and the kind. One address has few rows, and the
 * indexes `digest_sign_in_admin` and `digest_session_admin` begin with it.
 */
export async function addSignInKinds(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const add = addMissing(db, dialect)
  await add.column('digest_sign_in', 'kind', 'varchar(16)', { default: 'admin' })
  await add.column('digest_session', 'kind', 'varchar(16)', { default: 'admin' })
}
