import type { Kysely } from 'kysely'
import { addMissing } from '../src/ground/database/add-missing.ts'
import type { Dialect } from '../src/ground/database/database.ts'

/**
 * Notes from which network a sign-in link was asked for, because each network has a share of an admin's links. Null:
 * the row was written by an older version, or the link was printed on the command line.
 *
 * There is no new index: the rows of one person are found by `digest_sign_in_admin`, and there are few.
 */
export async function addSignInNetworks(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await addMissing(db, dialect).column('digest_sign_in', 'network', 'varchar(64)')
}
