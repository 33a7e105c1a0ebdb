import type { Kysely } from 'kysely'
import { addMissing } from '../src/ground/database/add-missing.ts'
import type { Dialect } from '../src/ground/database/database.ts'

/**
 * An index from which the page of clicks is counted, domain by domain: without it, all clicks of a month are sorted. An
 * older program does not use it.
 */
export async function indexClicksByDomain(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const columns = ['domain', 'at', 'digest_id', 'page', 'method', 'after_ms']
  await addMissing(db, dialect).index('digest_click_domain', 'digest_click', columns)
}
