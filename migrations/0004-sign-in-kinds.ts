import type { Kysely } from 'kysely'
import { addMissing } from '../src/ground/database/add-missing.ts'
import type { Dialect } from '../src/ground/database/database.ts'

/**
 * Gives sign-in links and sessions a kind: `admin` or `reader`.
 *
 * A program that knows only version 3 of the tables goes on working. It writes rows of admins, and the column's default
 * says so. The address of a reader is also in the column `admin`, because that program reads it by this name. It does
 * not check the kind either; `src/ground/sign-in/secret.ts` says why it still finds no reader's row.
 *
 * There is no new index. Rows are found by their hash, or by an address and the kind. One address has few rows, and the
 * indexes `digest_sign_in_admin` and `digest_session_admin` begin with it.
 */
export async function addSignInKinds(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const add = addMissing(db, dialect)
  await add.column('digest_sign_in', 'kind', 'varchar(16)', { default: 'admin' })
  await add.column('digest_session', 'kind', 'varchar(16)', { default: 'admin' })
}
