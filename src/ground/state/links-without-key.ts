import type { Database } from '../database/database.ts'
import { firstIdAt } from './id.ts'
import type { StateTables } from './state-tables.ts'

/**
 * Whether a digest was sent before any of our keys was made, so recently that its links would still be valid: the key
 * that signed them is missing.
 *
 * @param keysSince when the oldest key was made, in milliseconds since the epoch
 * @param lifetime the longest lifetime of a link, in milliseconds
 */
export async function linksWithoutKey(
  { sql }: Pick<Database<StateTables>, 'sql'>,
  keysSince: number,
  lifetime: number,
  now: number,
): Promise<boolean> {
  const found = await sql
    .selectFrom('digest_digest')
    .select('digest_id')
    // A range of the primary key: it has few rows, or the first one will do.
    .where('digest_id', '>=', firstIdAt(now - lifetime))
    .where('digest_id', '<', firstIdAt(keysSince))
    .where('state', '=', 'sent')
    .where('finished_at', '<', keysSince)
    .orderBy('digest_id')
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}
