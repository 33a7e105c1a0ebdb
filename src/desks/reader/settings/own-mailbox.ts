import type { Database } from '../../../ground/database/database.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'

/**
 * A reader's address in the spelling of the mail system, as the last digests went to it. Where they went elsewhere, and
 * for a reader without digests, it is the spelling in which readers are compared.
 */
export async function ownMailbox({ sql }: Database<StateTables>, reader: string): Promise<string> {
  const rows = await sql
    .selectFrom('digest_digest')
    .select('deliver_to')
    .where('reader', '=', reader)
    .orderBy('created_at', 'desc')
    .limit(LOOKED_AT)
    .execute()
  return rows.find(row => readerAddress(row.deliver_to) === reader)?.deliver_to ?? reader
}

const LOOKED_AT = 10
