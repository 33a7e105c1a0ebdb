import type { Kysely } from 'kysely'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import type { Database } from '../../../ground/database/database.ts'
import { MINUTE } from '../../../ground/durations.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { itemsOfDigests } from '../../collect/items.ts'
import { byLikelihood, withMail } from '../make/candidates.ts'

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
  const kept = ordersOf(deps.state)
  const now = deps.clock()
  for (const [id, { until }] of kept) if (until <= now) kept.delete(id)
  const known = kept.get(digestId)
  if (known) return known.order
  const order = readOrder(deps, digestId)
  kept.set(digestId, { order, until: now + KEPT_FOR })
  const forget = () => {
    if (kept.get(digestId)?.order === order) kept.delete(digestId)
  }
  order.then(ids => ids.length > SHORT || forget(), forget)
  const [oldest = digestId] = kept.keys()
  if (kept.size > MOST_KEPT) kept.delete(oldest)
  return order
}

const KEPT_FOR = MINUTE

/** Digests; 4 MB for 100,000 messages. */
const MOST_KEPT = 10

/** So few messages are read in one statement. */
const SHORT = 500

interface Kept {
  readonly order: Promise<readonly string[]>
  readonly until: number
}

const orders = new WeakMap<Database<StateTables>, Map<string, Kept>>()

function ordersOf(state: Database<StateTables>): Map<string, Kept> {
  const known = orders.get(state) ?? new Map<string, Kept>()
  orders.set(state, known)
  return known
}

async function readOrder(deps: OrderDeps, digestId: string): Promise<readonly string[]> {
  const items = (await itemsOfDigests(deps.state, [digestId])).get(digestId) ?? []
  const candidates = await withMail(deps.storage, items)
  return candidates.sort(byLikelihood).map(({ item }) => item.itemId)
}
