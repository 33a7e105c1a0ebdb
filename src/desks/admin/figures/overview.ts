import { type ContentKind, contentKindOf, KINDS } from '../../../ground/amavis/content.ts'
import type { Database } from '../../../ground/database/database.ts'
import { withinDomains } from '../../../ground/database/within-domains.ts'
import { MINUTE, SECOND } from '../../../ground/durations.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { keptFor } from '../listing/kept.ts'
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
  const key = JSON.stringify(['released', reach ?? null, since])
  const released = await keptFor(state, key, { now, keep: TODAY_KEPT }, () => releasedOf(state, reach, since))
  const figures: DayFigures[] = []
  for (const day of wanted) {
    const key = JSON.stringify(['items', reach ?? null, day.from, day.to])
    const keep = day.to > now ? TODAY_KEPT : PAST_KEPT
    // Both at one time, and what is taken away first: a digest that is made in between is not taken away alone.
    const items = await keptFor(state, key, { now, keep }, async () => {
      const unsent = await unsentOf(state, reach, day)
      return { unsent, all: await itemsOf(state, reach, day) }
    })
    figures.push(figuresOf(day, items, released))
  }
  return figures
}

const MOST_DAYS = 90

const TODAY_KEPT = 30 * SECOND
const PAST_KEPT = 10 * MINUTE

function figuresOf(
  { name, from, to }: Day,
  items: {
    readonly all: Awaited<ReturnType<typeof itemsOf>>
    readonly unsent: Awaited<ReturnType<typeof unsentOf>>
  },
  released: Awaited<ReturnType<typeof releasedOf>>,
): DayFigures {
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

/** Counted within the index: no row is looked at. */
const itemsOf = (state: Database<StateTables>, reach: Reach, { from, to }: Day) =>
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
