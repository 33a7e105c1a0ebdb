import type { Kysely } from 'kysely'
import type { AmavisTables } from '../tables.ts'

/**
 * Proves that old mail may be deleted. The statements match no row, but the database checks the user's rights all the
 * same, and whether it takes changes at all.
 *
 * @throws CodedError DATABASE_GRANT_MISSING that names the GRANTs; TABLE_MISSING, DATABASE_UNREACHABLE,
 *   DATABASE_READ_ONLY, DATABASE_REFUSED
 */
export async function requirePurgeRights(storage: Kysely<AmavisTables>): Promise<void> {
  for (const table of ['msgs', 'msgrcpt', 'quarantine'] as const) {
    // First, because its GRANTs are all that a purge needs.
    await storage.deleteFrom(table).where('partition_tag', '=', 0).where('mail_id', '=', '').execute()
    await storage
      .selectFrom(table)
      .select('partition_tag')
      .where('partition_tag', '=', 0)
      .where('mail_id', '=', '')
      .execute()
  }
  const noAddress = storage
    .selectFrom('maddr')
    .select(['partition_tag', 'id', 'email', 'domain'])
    .where('id', '<', 0)
  await storage.deleteFrom('maddr').where('id', '<', 0).execute()
  await storage
    .insertInto('maddr')
    .columns(['partition_tag', 'id', 'email', 'domain'])
    .expression(noAddress)
    .execute()
}
