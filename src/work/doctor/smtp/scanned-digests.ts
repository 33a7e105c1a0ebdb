import type { Kysely } from 'kysely'
import { scannedMessages } from '../../../ground/amavis/scanned-messages.ts'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import type { Database } from '../../../ground/database/database.ts'
import { DAY } from '../../../ground/durations.ts'
import { messageIdOf } from '../../../ground/mail/message-id.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'

export interface ScannedDigestsDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Pick<Database<StateTables>, 'sql'>
  /** The domain of our Message-IDs. */
  readonly domain: string
  readonly clock: () => number
}

/** A digest of ours that amavisd has scanned. */
export interface ScannedDigest {
  readonly mailId: string
  /** Whether it was kept from its reader. */
  readonly isHeld: boolean
}

/**
 * Which of the last digests of a week are in amavis's tables, the latest first. They are looked for by their Message-IDs, of
 * which amavis has an index. Without `$sql_store_info_for_all_msgs`, amavisd stores only those that it quarantines.
 */
export async function scannedDigests(deps: ScannedDigestsDeps): Promise<readonly ScannedDigest[]> {
  const sent = await deps.state.sql
    .selectFrom('digest_digest')
    .select(['digest_id', 'resent'])
    .where('created_at', '>', deps.clock() - LATELY)
    .where('state', '=', 'sent')
    .orderBy('created_at', 'desc')
    .limit(MOST)
    .execute()
  const ids = sent.map(row => messageIdOf(row.digest_id, deps.domain, row.resent ?? 0))
  const scanned = await scannedMessages(deps.storage, ids)
  return scanned.map(({ mailId, passed }) => ({ mailId, isHeld: !passed }))
}

const LATELY = 7 * DAY
const MOST = 50
