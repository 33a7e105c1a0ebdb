import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'

/** What a later digest needs to know about a digest. */
export interface MadeDigest {
  readonly digestId: string
  readonly reader: string
  readonly createdAt: number
}

export interface EarlierDigest extends MadeDigest {
  /** False while it is on its way. */
  readonly wasDelivered: boolean
}

/**
 * The digests that these readers have got or will get, without copies, among those made after a time. Uses the index
 * `(reader, created_at)`.
 */
export async function earlierDigests(
  { sql }: Pick<Database<StateTables>, 'sql'>,
  readers: readonly string[],
  after: number,
): Promise<EarlierDigest[]> {
  const found: EarlierDigest[] = []
  for (const chunk of chunks(readers)) {
    const rows = await sql
      .selectFrom('digest_digest')
      .select(['digest_id', 'reader', 'created_at', 'state', 'resent'])
      .where('reader', 'in', chunk)
      .where('created_at', '>', after)
      .where('state', 'in', ['sent', 'pending'])
      .where('copy_of', 'is', null)
      .execute()
    found.push(
      ...rows.map(row => ({
        digestId: row.digest_id,
        reader: row.reader,
        createdAt: Number(row.created_at),
        // A digest that is being resent was delivered before.
        wasDelivered: row.state === 'sent' || row.resent !== null,
      })),
    )
  }
  return found
}
