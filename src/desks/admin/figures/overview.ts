import { type ContentKind, contentKindOf, KINDS } from '../../../ground/amavis/content.ts'
import { ExpiringCache } from '../../../ground/concurrency/expiring-cache.ts'
import { oncePerOwner } from '../../../ground/concurrency/once.ts'
import type { Database } from '../../../ground/database/database.ts'
import { withinDomains } from '../../../ground/database/within-domains.ts'
import { MINUTE, SECOND } from '../../../ground/durations.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { type Day, lastDays } from './days.ts'

export interface OverviewDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
}

/** What came in on one day, and what has become of it since. */
export interface DayFigures {
  /** As `2026-03-11`. */
  readonly day: string
  readonly held: KindFigures
  /** Those of them that stand in a digest that was sent. */
  readonly listed: KindFigures
  readonly released: KindFigures
}

export type KindFigures = Readonly<Record<ContentKind, number>>

/**
 * The figures of the last days, today's at the end. Those of today are half a minute old at most, those of the days
 * before ten minutes.
 *
 * @param days at most 90
 * @param timeZone IANA name: it says when a day begins
 */
export async function overview(
  deps: OverviewDeps,
  reach: Reach,
  days: number,
  timeZone: string,
): Promise<DayFigures[]> {
  const { state, clock } = deps
  const now = clock()
  const wanted = lastDays(now, timeZone, Math.max(1, Math.min(MOST_DAYS, Math.trunc(days))))
  const since = wanted[0]?.from ?? now
  const kept = keptOf(state)
  const today = { now, keep: TODAY_KEPT }
  const released = await kept.released.get(keyOf(reach, since), today, () => releasedOf(state, reach, since))
  const figures: DayFigures[] = []
  for (const day of wanted) {
    const keeping = day.to > now ? today : { now, keep: PAST_KEPT }
    const items = await kept.items.get(keyOf(reach, day.from, day.to), keeping, () =>
      itemsOf(state, reach, day),
    )
    figures.push(figuresOf(day, items, released))
  }
  return figures
}

const keyOf = (...parts: readonly unknown[]): string => JSON.stringify(parts)

const MOST_DAYS = 90

const TODAY_KEPT = 30 * SECOND
const PAST_KEPT = 10 * MINUTE

/** What was counted a moment ago, for all who look at it. */
const keptOf = oncePerOwner((_: Database<StateTables>) => ({
  released: new ExpiringCache<Released>(MOST_KEPT),
  items: new ExpiringCache<Items>(MOST_KEPT),
}))

/** Answers, most of them a kilobyte. */
const MOST_KEPT = 2000

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

/** What is taken away is counted first: a digest that is made in between is not taken away alone. */
async function itemsOf(state: Database<StateTables>, reach: Reach, day: Day): Promise<Items> {
  const unsent = await unsentOf(state, reach, day)
  return { unsent, all: await allOf(state, reach, day) }
}

/** Counted within the index: no row is looked at. */
const allOf = (state: Database<StateTables>, reach: Reach, { from, to }: Day) =>
  state.sql
    .selectFrom('digest_item')
    .select(({ fn }) => ['content', fn.countAll<number>().as('held')])
    .select(({ fn }) => fn.count<number>('digest_id').as('listed'))
    .where('mail_at', '>=', from)
    .where('mail_at', '<', to)
    .where(({ ref }) => withinDomains(ref('reader'), reach))
    .groupBy('content')
    .execute()

/** Of those that stand in a digest: few digests wait to be sent, were dropped or came to nothing, and these are looked for alone. */
const unsentOf = (state: Database<StateTables>, reach: Reach, { from, to }: Day) =>
  state.sql
    .selectFrom('digest_digest')
    .innerJoin('digest_item', 'digest_item.digest_id', 'digest_digest.digest_id')
    .select(({ fn }) => ['digest_item.content', fn.countAll<number>().as('unsent')])
    .where('digest_digest.state', 'in', ['pending', 'dropped', 'empty'])
    // One that is sent once more was sent before.
    .where('digest_digest.resent', 'is', null)
    .where('digest_item.mail_at', '>=', from)
    .where('digest_item.mail_at', '<', to)
    .where(({ ref }) => withinDomains(ref('digest_item.reader'), reach))
    .groupBy('digest_item.content')
    .execute()

/** Nothing is released before it came in, and few of all are: they are read one by one, for all days at once. */
const releasedOf = (state: Database<StateTables>, reach: Reach, since: number) =>
  state.sql
    .selectFrom('digest_release')
    .innerJoin('digest_item', 'digest_item.item_id', 'digest_release.item_id')
    .select(['digest_item.mail_at', 'digest_item.content'])
    .where('digest_release.requested_at', '>=', since)
    .where('digest_release.state', '=', 'released')
    .where('digest_item.mail_at', '>=', since)
    .where(({ ref }) => withinDomains(ref('digest_item.reader'), reach))
    .limit(MOST_RELEASES)
    .execute()

/** Rows; with more of them in these days the figures fall short. */
const MOST_RELEASES = 200_000
