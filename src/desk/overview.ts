import type { Reach } from '../admins/reach.ts'
import { type ContentKind, contentKindOf, KINDS } from '../amavis/content.ts'
import type { Database } from '../database/database.ts'
import type { StateTables } from '../database/state-tables.ts'
import { type Day, lastDays } from './days.ts'
import { inReach } from './in-reach.ts'
import { keptFor } from './kept.ts'

export interface OverviewDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
}

/** What came in on one day, and what was released on it. */
export interface DayFigures {
  /** As `2026-03-11`. */
  readonly day: string
  readonly held: KindFigures
  /** Those of them that stand in a digest by now. */
  readonly listed: KindFigures
  /** Whenever they came in. */
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
  const now = deps.clock()
  const figures: DayFigures[] = []
  for (const day of lastDays(now, timeZone, Math.max(1, Math.min(MOST_DAYS, Math.trunc(days))))) {
    const key = JSON.stringify(['overview', reach ?? null, day.from, day.to])
    const keep = day.to > now ? TODAY_KEPT : PAST_KEPT
    figures.push(await keptFor(deps.state, key, { now, keep }, () => figuresOf(deps.state, reach, day)))
  }
  return figures
}

const MOST_DAYS = 90

/** Milliseconds. */
const TODAY_KEPT = 30_000
const PAST_KEPT = 600_000

async function figuresOf(state: Database<StateTables>, reach: Reach, day: Day): Promise<DayFigures> {
  const items = await itemsOf(state, reach, day)
  const released = await releasesOf(state, reach, day)
  return {
    day: day.name,
    held: byKind(items.map(row => [row.content, row.held])),
    listed: byKind(items.map(row => [row.content, row.listed])),
    released: byKind(released.map(row => [row.content, row.released])),
  }
}

function byKind(counts: readonly (readonly [string, number | string | null])[]): KindFigures {
  const sums = Object.fromEntries(KINDS.map(kind => [kind, 0])) as Record<ContentKind, number>
  for (const [content, count] of counts) sums[contentKindOf(content.trim())] += Number(count ?? 0)
  return sums
}

/** Counted within the index: no row is looked at. */
const itemsOf = (state: Database<StateTables>, reach: Reach, { from, to }: Day) =>
  state.sql
    .selectFrom('digest_item')
    .select(({ fn }) => ['content', fn.countAll<number>().as('held')])
    .select(({ fn }) => fn.count<number>('digest_id').as('listed'))
    .where('collected_at', '>=', from)
    .where('collected_at', '<', to)
    .where(({ ref }) => inReach(ref('reader'), reach))
    .groupBy('content')
    .execute()

const releasesOf = (state: Database<StateTables>, reach: Reach, { from, to }: Day) =>
  state.sql
    .selectFrom('digest_release')
    .innerJoin('digest_item', 'digest_item.item_id', 'digest_release.item_id')
    .select(({ fn }) => ['digest_item.content', fn.countAll<number>().as('released')])
    .where('digest_release.requested_at', '>=', from)
    .where('digest_release.requested_at', '<', to)
    .where('digest_release.state', '=', 'released')
    .where(({ ref }) => inReach(ref('digest_item.reader'), reach))
    .groupBy('digest_item.content')
    .execute()
