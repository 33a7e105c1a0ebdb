import type { Kysely } from 'kysely'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import { ExpiringCache } from '../../../ground/concurrency/expiring-cache.ts'
import { oncePerOwner } from '../../../ground/concurrency/once.ts'
import type { Database } from '../../../ground/database/database.ts'
import { MINUTE } from '../../../ground/durations.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { itemsOfDigests } from '../../collect/items.ts'
import { withMail } from '../make/candidates.ts'
import { likeliestMistakesFirst } from '../make/message-order.ts'

export interface OrderDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  readonly clock: () => number
}

/**
 * The ids of all that a digest holds, in the order of its pages. That of a long one is kept for a minute: to know it,
 * each of its messages must be read, 2 s for 100,000, and whoever turns pages would wait for that each time.
 */
export function orderOf(deps: OrderDeps, digestId: string): Promise<readonly string[]> {
  const keeping = { now: deps.clock(), keep: KEPT_FOR }
  return ordersOf(deps.state).get(digestId, keeping, () => readOrder(deps, digestId))
}

const KEPT_FOR = MINUTE

/** Digests; 4 MB for 100,000 messages. */
const MOST_KEPT = 10

/** So few messages are read in one statement. */
const SHORT = 500

const ordersOf = oncePerOwner(
  (_: Database<StateTables>) =>
    new ExpiringCache<readonly string[]>(MOST_KEPT, order => order.length > SHORT),
)

async function readOrder(deps: OrderDeps, digestId: string): Promise<readonly string[]> {
  const items = (await itemsOfDigests(deps.state, [digestId])).get(digestId) ?? []
  const candidates = await withMail(deps.storage, items)
  return candidates.sort(likeliestMistakesFirst).map(({ item }) => item.itemId)
}
