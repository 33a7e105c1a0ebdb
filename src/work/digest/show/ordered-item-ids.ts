import type { Kysely } from 'kysely'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import { ExpiringCache } from '../../../ground/concurrency/expiring-cache.ts'
import { oncePerOwner } from '../../../ground/concurrency/once.ts'
import type { Database } from '../../../ground/database/database.ts'
import { MINUTE } from '../../../ground/durations.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { itemsOfDigests } from '../../collect/items.ts'
import { withMail } from '../make/candidates.ts'
import { messageOrder } from './message-order.ts'

export interface OrderDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  readonly clock: () => number
  /** The score from which on spam is almost certain. */
  readonly spamBorder: number
}

/**
 * The ids of all messages of a digest, in the order of its pages. Sorting takes the scores of all messages: 2 s for
 * 100,000. The order of a long digest is therefore kept for a minute, so that turning a page does not take that long.
 */
export function orderedItemIds(deps: OrderDeps, digestId: string): Promise<readonly string[]> {
  const keeping = { now: deps.clock(), keep: KEPT_FOR }
  return cacheOf(deps.state).get(digestId, keeping, () => sortItems(deps, digestId))
}

const KEPT_FOR = MINUTE

/** Digests; 4 MB for 100,000 messages. */
const MOST_KEPT = 10

/** A digest of so few messages is sorted anew each time: one statement reads them all. */
const SHORT = 500

const cacheOf = oncePerOwner(
  (_: Database<StateTables>) => new ExpiringCache<readonly string[]>(MOST_KEPT, ids => ids.length > SHORT),
)

async function sortItems(deps: OrderDeps, digestId: string): Promise<readonly string[]> {
  const items = (await itemsOfDigests(deps.state, [digestId])).get(digestId) ?? []
  const candidates = await withMail(deps.storage, items)
  return candidates.sort(messageOrder(deps.spamBorder)).map(({ item }) => item.itemId)
}
