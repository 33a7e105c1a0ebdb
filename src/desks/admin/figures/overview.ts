import { type ContentKind, contentKindOf, KINDS } from '../../../ground/amavis/content.ts'
import { ExpiringCache } from '../../../ground/concurrency/expiring-cache.ts'
import { oncePerOwner } from '../../../ground/concurrency/once.ts'
import type { Database } from '../../../ground/database/database.ts'
import { withinDomains } from '../../../ground/database/within-domains.ts'
import { MINUTE, SECOND } from '../../../ground/durations.ts'
import { heldIdOfItem } from '../../../ground/state/item-and-release.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { DigestState } from '../../../ground/state/states.ts'
import { BY_HAND, LEFT_OUT } from '../../../ground/state/waiting-items.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { type Day, lastDays } from './days.ts'

export interface OverviewDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
}

/** What came in on one day, and what has become of it since. A message with several readers counts once. */
export interface DayFigures {
  /** As `2026-03-11`. */
  readonly day: string
  readonly held: KindFigures
  /** How many of these a sent digest lists. */
  readonly listed: KindFigures
  readonly released: KindFigures
}

export type KindFigures = Readonly<Record<ContentKind, number>>

/**
 * Counts the mail of the last days, ending with today. Today's figures are at most half a minute old, those of earlier
 * days at most ten minutes.
 *
 * @param days at most 90
 * @param timeZone an IANA name, which decides when a day starts
 */
export async function overview(
  deps: OverviewDeps,
  reach: Reach,
  days: number,
  timeZone: string,
): Promise<DayFigures[]> {
  const { state, clock } = deps
  const now = clock()
  const period = lastDays(now, timeZone, Math.max(1, Math.min(MAX_DAYS, Math.trunc(days))))
  const since = period[0]?.from ?? now
  const cache = cacheOf(state)
  const today = { now, keep: TODAY_KEPT }
  const released = await cache.released.get(keyOf(reach, since), today, () => releasedOf(state, reach, since))
  const figures: DayFigures[] = []
  for (const day of period) {
    const keeping = day.to > now ? today : { now, keep: PAST_KEPT }
    const items = await cache.items.get(keyOf(reach, day.from, day.to), keeping, () =>
      itemsOf(state, reach, day),
    )
    figures.push(figuresOf(day, items, released))
  }
  return figures
}

const keyOf = (...parts: readonly unknown[]): string => JSON.stringify(parts)

const MAX_DAYS = 90

const TODAY_KEPT = 30 * SECOND
const PAST_KEPT = 10 * MINUTE

/** Caches the counts for everybody who looks at them. */
const cacheOf = oncePerOwner((_: Database<StateTables>) => ({
  released: new ExpiringCache<Released>(MAX_CACHED),
  items: new ExpiringCache<Items>(MAX_CACHED),
}))

/** Cached answers, about a kilobyte each. */
const MAX_CACHED = 2000

type Released = Awaited<ReturnType<typeof releasedOf>>

interface Items {
  readonly all: Awaited<ReturnType<typeof allOf>>
  readonly unsent: Awaited<ReturnType<typeof unsentOf>>
}

function figuresOf({ name, from, to }: Day, items: Items, released: Released): DayFigures {
  const ofDay = released.filter(row => Number(row.mail_at) >= from && Number(row.mail_at) < to)
  return {
    day: name,
    held: byKind(items.all.map(row => [row.content, Number(row.held)])),
    listed: byKind([
      ...items.all.map(row => [row.content, Number(row.listed)] as const),
      ...items.unsent.map(row => [row.content, -Number(row.unsent)] as const),
    ]),
    released: byKind(ofDay.map(row => [row.content, 1])),
  }
}

function byKind(counts: readonly (readonly [string, number])[]): KindFigures {
  const sums = Object.fromEntries(KINDS.map(kind => [kind, 0])) as Record<ContentKind, number>
  for (const [content, count] of counts) sums[contentKindOf(content.trim())] += count
  return sums
}

/** The unsent are counted first: a digest made in between would otherwise be subtracted without having been counted. */
async function itemsOf(state: Database<StateTables>, reach: Reach, day: Day): Promise<Items> {
  const unsent = await unsentOf(state, reach, day)
  return { unsent, all: await allOf(state, reach, day) }
}

/** A message counts once, however many readers it has, and as listed once a digest of one of them lists it. */
const allOf = (state: Database<StateTables>, reach: Reach, { from, to }: Day) =>
  state.sql
    .selectFrom('digest_item')
    .select(({ fn }) => ['content', fn.count<number>(heldIdOfItem()).distinct().as('held')])
    .select(({ fn, eb }) =>
      fn
        // Null is not unequal either.
        .count<number>(eb.case().when('digest_id', 'not in', [BY_HAND, LEFT_OUT]).then(heldIdOfItem()).end())
        .distinct()
        .as('listed'),
    )
    .where('mail_at', '>=', from)
    .where('mail_at', '<', to)
    .where(({ ref }) => withinDomains(ref('reader'), reach))
    .groupBy('content')
    .execute()

/**
 * Messages that only unsent digests (pending, dropped or empty) list. There are few of these, so they are counted on their
 * own.
 */
const unsentOf = (state: Database<StateTables>, reach: Reach, { from, to }: Day) =>
  state.sql
    .selectFrom('digest_digest')
    .innerJoin('digest_item', 'digest_item.digest_id', 'digest_digest.digest_id')
    .select(({ fn }) => ['digest_item.content', fn.count<number>(heldIdOfItem()).distinct().as('unsent')])
    .where('digest_digest.state', 'in', UNSENT)
    // A digest that is being resent was sent before.
    .where('digest_digest.resent', 'is', null)
    .where('digest_item.mail_at', '>=', from)
    .where('digest_item.mail_at', '<', to)
    .where(({ ref }) => withinDomains(ref('digest_item.reader'), reach))
    .where(sentToOthers(state, reach, 'item_id'), '=', 0)
    .where(sentToOthers(state, reach, 'held_id'), '=', 0)
    .groupBy('digest_item.content')
    .execute()

const UNSENT: DigestState[] = ['pending', 'dropped', 'empty']

/** How many sent digests list the message of `digest_item` to others of its readers. One query for each index. */
const sentToOthers = ({ sql }: Database<StateTables>, reach: Reach, column: 'item_id' | 'held_id') =>
  sql
    .selectFrom('digest_item as other')
    .innerJoin('digest_digest as theirs', 'theirs.digest_id', 'other.digest_id')
    .select(({ fn }) => fn.countAll<number>().as('digests'))
    .where(`other.${column}`, '=', heldIdOfItem())
    .where(row => row.or([row('theirs.state', 'not in', UNSENT), row('theirs.resent', 'is not', null)]))
    .where(({ ref }) => withinDomains(ref('other.reader'), reach))

/**
 * A message is released after it came in, and few are: the rows of all days are read at once. Whichever of its readers
 * asked, and whichever of their items is still kept, it counts once.
 */
async function releasedOf(state: Database<StateTables>, reach: Reach, since: number) {
  const rows = [
    ...(await releasedItems(state, reach, since, 'digest_item.item_id')),
    ...(await releasedItems(state, reach, since, 'digest_item.held_id')),
  ]
  return [...new Map(rows.map(row => [row.released, row])).values()]
}

const releasedItems = (
  { sql }: Database<StateTables>,
  reach: Reach,
  since: number,
  column: 'digest_item.item_id' | 'digest_item.held_id',
) =>
  sql
    .selectFrom('digest_release')
    .innerJoin('digest_item', column, 'digest_release.item_id')
    .select(['digest_release.item_id as released', 'digest_item.mail_at', 'digest_item.content'])
    .where('digest_release.requested_at', '>=', since)
    .where('digest_release.state', '=', 'released')
    .where('digest_item.mail_at', '>=', since)
    .where(({ ref }) => withinDomains(ref('digest_item.reader'), reach))
    .limit(MAX_RELEASES)
    .execute()

/** Rows. If these days have more releases, the figures are too low. */
const MAX_RELEASES = 200_000
