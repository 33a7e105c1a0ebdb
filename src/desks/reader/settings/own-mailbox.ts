import type { Database } from '../../../ground/database/database.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'

/**
 * A reader's address in the spelling of the mail system, taken from the last digests that went to it. If they went
 * elsewhere, or there were none, it is the spelling in which readers are compared.
 */
export async function ownMailbox({ sql }: Database<StateTables>, reader: string): Promise<string> {
  const rows = await sql
    .selectFrom('digest_digest')
    .select('deliver_to')
    .where('reader', '=', reader)
    .where('copy_of', 'is', null)
    .orderBy('created_at', 'desc')
    .limit(DIGESTS_READ)
    .execute()
  return rows.find(row => readerAddress(row.deliver_to) === reader)?.deliver_to ?? reader
}

const DIGESTS_READ = 10
