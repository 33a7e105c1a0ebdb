import type { Kysely } from 'kysely'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import { ExpiringCache } from '../../../ground/concurrency/expiring-cache.ts'
import { oncePerOwner } from '../../../ground/concurrency/once.ts'
import type { Database } from '../../../ground/database/database.ts'
import { MINUTE } from '../../../ground/durations.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { type Group, groupOf } from '../../../rules/policy/group.ts'
import { type Item, itemsOfCopies, itemsOfDigests } from '../../collect/items.ts'
import { type JudgedCandidate, withJudgedMail, withMail } from '../make/candidates.ts'
import { messageOrder } from './message-order.ts'
import { matcherOf } from './search-text.ts'
import type { ShownDigest } from './view-of.ts'

export interface OrderDeps {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  readonly clock: () => number
  /** The score from which on spam is almost certain. */
  readonly spamBorder: number
}

export interface OrderedMessages {
  /** In the order of the pages. */
  readonly itemIds: readonly string[]
  /** How many of them belong to each group; those that amavis no longer knows belong to none. */
  readonly totals: Readonly<Record<Group, number>>
  /** How many messages the digest has, found or not. */
  readonly all: number
}

/**
 * The messages of a digest in the order of its pages. Sorting takes the scores of all messages: 2 s for 100,000. The
 * order of a long digest is therefore kept for a minute, so that turning a page does not take that long.
 *
 * @param find only messages that contain all of these words; empty for all messages
 */
export function orderedMessages(
  deps: OrderDeps,
  digest: ShownDigest,
  find: string,
): Promise<OrderedMessages> {
  const keeping = { now: deps.clock(), keep: KEPT_FOR }
  return cacheOf(deps.state).get(`${digest.digestId} ${find}`, keeping, () => sortItems(deps, digest, find))
}

const KEPT_FOR = MINUTE

/** Digests; 4 MB for 100,000 messages. */
const MOST_KEPT = 10

/** A digest of so few messages is sorted anew each time: one statement reads them all. */
const SHORT = 500

const cacheOf = oncePerOwner(
  (_: Database<StateTables>) => new ExpiringCache<OrderedMessages>(MOST_KEPT, ({ all }) => all > SHORT),
)

async function sortItems(deps: OrderDeps, digest: ShownDigest, find: string): Promise<OrderedMessages> {
  const items = await itemsShownIn(deps, digest)
  const found = await foundAmong(deps, items, find)
  const totals = { wanted: 0, dangerous: 0, spam: 0 }
  for (const { mail } of found) if (mail) totals[groupOf(mail, deps.spamBorder)] += 1
  const itemIds = found.toSorted(messageOrder(deps.spamBorder)).map(({ item }) => item.itemId)
  return { itemIds, totals, all: items.length }
}

async function itemsShownIn({ state }: OrderDeps, digest: ShownDigest): Promise<readonly Item[]> {
  const { digestId, reader, copy } = digest
  const items = copy
    ? await itemsOfCopies(state, [{ digestId, reader, copyOf: copy.of }])
    : await itemsOfDigests(state, [digestId])
  return items.get(digestId) ?? []
}

/** Without a search, only what decides the order is read: the rest is most of a row. */
async function foundAmong(
  { storage }: OrderDeps,
  items: readonly Item[],
  find: string,
): Promise<readonly JudgedCandidate[]> {
  const matches = matcherOf(find)
  if (!matches) return withJudgedMail(storage, items)
  const candidates = await withMail(storage, items)
  return candidates.filter(({ mail }) => mail !== undefined && matches(mail))
}
