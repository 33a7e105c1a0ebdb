import { sql } from 'kysely'
import { waitingItems } from '../../../ground/state/waiting-items.ts'
import { type Reach, requireReach } from '../../../rules/reach/reach.ts'
import { itemOf } from '../../../work/collect/items.ts'
import { type FindDigestDeps, type ListedMessage, listedMessages } from '../digests/find-digest.ts'

/** Lists what waits for a reader's next digest, newest first: at most 100 messages. @throws CodedError OUT_OF_REACH */
export async function waitingMail(
  deps: FindDigestDeps,
  reach: Reach,
  reader: string,
): Promise<ListedMessage[]> {
  requireReach(reach, reader)
  const rows = await waitingItems(deps.state)
    .selectAll()
    .where('reader', '=', reader)
    // As a sum: MariaDB would otherwise walk along the index of the time, in search of this reader's items.
    .orderBy(sql`mail_at + 0`, 'desc')
    .limit(MAX_SHOWN)
    .execute()
  return listedMessages(deps, rows.map(itemOf))
}

const MAX_SHOWN = 100
