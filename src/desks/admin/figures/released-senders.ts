import type { Kysely } from 'kysely'
import { findHeldMail, heldMailKeyOf } from '../../../ground/amavis/held-mail.ts'
import { messagesOfSender, senderIdsOf } from '../../../ground/amavis/messages-of-sender.ts'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import { ExpiringCache } from '../../../ground/concurrency/expiring-cache.ts'
import { oncePerOwner } from '../../../ground/concurrency/once.ts'
import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import { withinDomains } from '../../../ground/database/within-domains.ts'
import { DAY, MINUTE } from '../../../ground/durations.ts'
import { heldIdOfItem, isReadBy } from '../../../ground/state/item-and-release.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import type { Item } from '../../../work/collect/items.ts'
import { releaseOf } from '../../../work/release/claims.ts'
import { findItemsOfReleases } from '../../../work/release/item-of-release.ts'
import type { OverviewDeps } from './overview.ts'

export interface ReleasedSendersDeps extends OverviewDeps {
  readonly storage: Kysely<AmavisTables>
}

/** A sender whose held mail readers have released, and how much of it. */
export interface ReleasedSender {
  /** The envelope sender as amavis stored it, which is hostile; empty for bounces. */
  readonly sender: string
  readonly released: number
  /** Held messages of this sender that came in the same days; no more than 500 are counted. */
  readonly held: number
}

/**
 * The senders whose mail was released most often in the last days: a filter that holds it is probably wrong. Only the
 * 200 latest releases are looked at. The answer is at most ten minutes old.
 */
export async function releasedSenders(
  deps: ReleasedSendersDeps,
  reach: Reach,
  days: number,
): Promise<ReleasedSender[]> {
  if (reach?.length === 0) return []
  const now = deps.clock()
  const keeping = { now, keep: KEPT_FOR }
  const key = JSON.stringify([reach ?? null, days])
  return cacheOf(deps.state).get(key, keeping, () => sendersSince(deps, reach, now - days * DAY))
}

const KEPT_FOR = 10 * MINUTE

const cacheOf = oncePerOwner((_: Database<StateTables>) => new ExpiringCache<ReleasedSender[]>(MAX_CACHED))

const MAX_CACHED = 500

async function sendersSince(
  deps: ReleasedSendersDeps,
  reach: Reach,
  since: number,
): Promise<ReleasedSender[]> {
  const items = await releasedItems(deps, reach, since)
  const mails = await findHeldMail(deps.storage, items)
  const bySender = Map.groupBy(
    items.flatMap(item => {
      const mail = mails.get(heldMailKeyOf(item))
      return mail ? [{ item, sender: mail.sender }] : []
    }),
    ({ sender }) => sender,
  )
  const most = [...bySender].sort(([, a], [, b]) => b.length - a.length).slice(0, MOST_SENDERS)
  const found: ReleasedSender[] = []
  for (const [sender, releases] of most) {
    const released = releases.length
    const held = await countHeld(
      deps,
      reach,
      since,
      releases.map(({ item }) => item),
    )
    // Some of their messages may have left amavis's tables.
    found.push({ sender, released, held: Math.max(held, released) })
  }
  return found
}

const MOST_SENDERS = 5

async function releasedItems({ state }: ReleasedSendersDeps, reach: Reach, since: number): Promise<Item[]> {
  const rows = await state.sql
    .selectFrom('digest_release')
    .selectAll()
    .where('digest_release.requested_at', '>=', since)
    .where('digest_release.state', '=', 'released')
    .$if(reach !== undefined, rows => rows.where(isReadBy(reader => withinDomains(reader, reach))))
    .orderBy('digest_release.requested_at', 'desc')
    .limit(MOST_RELEASES)
    .execute()
  return [...(await findItemsOfReleases(state, rows.map(releaseOf))).values()]
}

const MOST_RELEASES = 200

/** Counts the held messages of a sender: amavis's tables say which messages are theirs, ours which of them were held. */
async function countHeld(
  { state, storage }: ReleasedSendersDeps,
  reach: Reach,
  since: number,
  releases: readonly Item[],
): Promise<number> {
  const ids = await senderIdsOf(storage, releases)
  const messages = await messagesOfSender(storage, ids, since)
  let count = 0
  for (const [partitionTag, ofPartition] of Map.groupBy(messages, message => message.partitionTag)) {
    for (const chunk of chunks(ofPartition)) {
      const { held } = await state.sql
        .selectFrom('digest_item')
        .select(({ fn }) => fn.count(heldIdOfItem()).distinct().as('held'))
        .where('partition_tag', '=', partitionTag)
        .where(
          'mail_id',
          'in',
          chunk.map(({ mailId }) => mailId),
        )
        .where('mail_at', '>=', since)
        .where(({ ref }) => withinDomains(ref('reader'), reach))
        .executeTakeFirstOrThrow()
      count += Number(held)
    }
  }
  return count
}
