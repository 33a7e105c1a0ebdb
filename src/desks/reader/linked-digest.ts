import type { Database } from '../../ground/database/database.ts'
import { CodedError } from '../../ground/errors.ts'
import type { KeyRing } from '../../ground/links/key-ring.ts'
import { type Purpose, requireBinding, verifyToken } from '../../ground/links/token.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { ShownDigest } from '../../work/digest/show/view-of.ts'

export interface LinkDeps {
  readonly state: Database<StateTables>
  readonly keys: KeyRing
  readonly clock: () => number
}

/**
 * The digest that a link of the given purpose was made for.
 *
 * @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED, MESSAGE_GONE
 */
export async function findLinkedDigest(
  deps: LinkDeps,
  token: string,
  purpose: Purpose,
): Promise<ShownDigest> {
  const now = deps.clock()
  const link = verifyToken(token, purpose, id => deps.keys.find(id, now), now)
  const row = await deps.state.sql
    .selectFrom('digest_digest')
    .select(['digest_id', 'reader', 'language', 'time_zone', 'created_at'])
    .where('digest_id', '=', link.subject)
    .executeTakeFirst()
  if (!row) throw new CodedError('MESSAGE_GONE', 'This digest is not kept any more.')
  requireBinding(link, row.digest_id, row.reader)
  return {
    digestId: row.digest_id,
    reader: row.reader,
    language: row.language,
    timeZone: row.time_zone,
    createdAt: Number(row.created_at),
  }
}
