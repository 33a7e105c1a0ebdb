import { sql } from 'kysely'
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
  const rows = await countsOf(state, reach, day)
  const sumOf = (column: 'held' | 'listed' | 'released'): KindFigures => {
    const sums = Object.fromEntries(KINDS.map(kind => [kind, 0])) as Record<ContentKind, number>
    for (const row of rows) sums[contentKindOf(row.content.trim())] += Number(row[column] ?? 0)
    return sums
  }
  return { day: day.name, held: sumOf('held'), listed: sumOf('listed'), released: sumOf('released') }
}

const countsOf = (state: Database<StateTables>, reach: Reach, { from, to }: Day) =>
  state.sql
    .selectFrom('digest_item')
    .leftJoin('digest_digest', 'digest_digest.digest_id', 'digest_item.digest_id')
    .leftJoin('digest_release', 'digest_release.item_id', 'digest_item.item_id')
    .select(({ fn }) => ['digest_item.content', fn.countAll<number>().as('held')])
    .select(({ ref }) => [
      sql<number>`sum(case when ${ref('digest_digest.state')} = 'sent' then 1 else 0 end)`.as('listed'),
      sql<number>`sum(case when ${ref('digest_release.state')} = 'released' then 1 else 0 end)`.as(
        'released',
      ),
    ])
    .where('digest_item.collected_at', '>=', from)
    .where('digest_item.collected_at', '<', to)
    .where(({ ref }) => inReach(ref('digest_item.reader'), reach))
    .groupBy('digest_item.content')
    .execute()
