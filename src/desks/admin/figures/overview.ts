import { expressionBuilder } from 'kysely'
import { type ContentKind, contentKindOf, KINDS } from '../../../ground/amavis/content.ts'
import { ExpiringCache } from '../../../ground/concurrency/expiring-cache.ts'
import { once, oncePerOwner } from '../../../ground/concurrency/once.ts'
import type { Database } from '../../../ground/database/database.ts'
import { withinDomains } from '../../../ground/database/within-domains.ts'
import { MINUTE, SECOND } from '../../../ground/durations.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { BY_HAND, LEFT_OUT } from '../../../ground/state/waiting-items.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import type { CountsByDay } from './count-by-day.ts'
import { type Day, lastDays } from './days.ts'
import { releasedByDay } from './released-by-day.ts'
import { unsentByDay } from './unsent-by-day.ts'

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
  const released = await releasedOf(state, { reach, timeZone, period, now })
  const unsent = once(() => unsentByDay(state, reach, period))
  const figures: DayFigures[] = []
  for (const day of period) {
    const keeping = { now, keep: day.to > now ? TODAY_KEPT : PAST_KEPT }
    const key = keyOf(reach, day.from, day.to)
    const items = await cacheOf(state).items.get(key, keeping, () => itemsOf(state, reach, day, unsent))
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
  released: new ExpiringCache<CountsByDay>(MAX_CACHED),
  items: new ExpiringCache<Items>(MAX_CACHED),
}))

/** Cached answers, about a kilobyte each. */
const MAX_CACHED = 2000

interface Shown {
  readonly reach: Reach
  readonly timeZone: string
  readonly period: readonly Day[]
  readonly now: number
}

/** The releases that were asked for before today, and those of today, which are few. */
async function releasedOf(
  state: Database<StateTables>,
  { reach, timeZone, period, now }: Shown,
): Promise<readonly CountsByDay[]> {
  const since = period[0]?.from ?? now
  const midnight = period.at(-1)?.from ?? now
  // Days of two time zones may begin at the same moment and have different names: at UTC+13 and at UTC-11.
  const askedWithin = (from: number, to: number, keep: number) =>
    cacheOf(state).released.get(keyOf(reach, timeZone, since, from, to), { now, keep }, () =>
      releasedByDay(state, reach, period, { from, to }),
    )
  return [
    await askedWithin(since, midnight, PAST_KEPT),
    await askedWithin(midnight, Number.MAX_SAFE_INTEGER, TODAY_KEPT),
  ]
}

interface Items {
  readonly all: Awaited<ReturnType<typeof allOf>>
  readonly shared: Awaited<ReturnType<typeof sharedOf>>
  /** By content code. */
  readonly unsent: ReadonlyMap<string, number>
}

function figuresOf({ name }: Day, items: Items, released: readonly CountsByDay[]): DayFigures {
  return {
    day: name,
    held: byKind([
      ...items.all.map(row => [row.content, Number(row.held)] as const),
      ...items.shared.map(row => [row.content, Number(row.messages) - Number(row.held)] as const),
    ]),
    listed: byKind([
      ...items.all.map(row => [row.content, Number(row.listed)] as const),
      ...items.shared.map(row => [row.content, Number(row.listed_messages) - Number(row.listed)] as const),
      ...[...items.unsent].map(([content, count]) => [content, -count] as const),
    ]),
    released: byKind(released.flatMap(byDay => [...(byDay.get(name) ?? [])])),
  }
}

function byKind(counts: readonly (readonly [string, number])[]): KindFigures {
  const sums = Object.fromEntries(KINDS.map(kind => [kind, 0])) as Record<ContentKind, number>
  for (const [content, count] of counts) sums[contentKindOf(content.trim())] += count
  return sums
}

/**
 * The unsent are read first, for all days at once: a digest made in between would otherwise be subtracted without having
 * been counted.
 */
async function itemsOf(
  state: Database<StateTables>,
  reach: Reach,
  day: Day,
  unsent: () => Promise<CountsByDay>,
): Promise<Items> {
  return {
    unsent: (await unsent()).get(day.name) ?? new Map<string, number>(),
    shared: await sharedOf(state, reach, day),
    all: await allOf(state, reach, day),
  }
}

/** Counts items, which the index alone answers: a message of several readers as often as it has readers. */
const allOf = (state: Database<StateTables>, reach: Reach, { from, to }: Day) =>
  state.sql
    .selectFrom('digest_item')
    .select(({ fn }) => [
      'content',
      fn.countAll<number>().as('held'),
      fn.sum<number>(isListed()).as('listed'),
    ])
    .where('mail_at', '>=', from)
    .where('mail_at', '<', to)
    .where(({ ref }) => withinDomains(ref('reader'), reach))
    .groupBy('content')
    .execute()

/**
 * Counts the messages that have several readers, and their items: such a message counts once, and as listed once a
 * digest of one of its readers lists it.
 */
const sharedOf = ({ sql }: Database<StateTables>, reach: Reach, day: Day) =>
  sql
    .selectFrom(
      sql
        .selectFrom(
          itemsOfShared(sql, reach, day, 'item_id')
            .unionAll(itemsOfShared(sql, reach, day, 'held_id'))
            .as('item'),
        )
        .select(({ fn }) => [
          'shared_id',
          fn.min<string>('content').as('content'),
          fn.countAll<number>().as('held'),
          fn.sum<number>('listed').as('listed'),
        ])
        .groupBy('shared_id')
        .as('message'),
    )
    .select(({ fn, eb }) => [
      'content',
      fn.countAll<number>().as('messages'),
      fn.sum<number>('held').as('held'),
      fn.sum<number>('listed').as('listed'),
      fn.sum<number>(eb.case().when('listed', '>', 0).then(1).else(0).end()).as('listed_messages'),
    ])
    .groupBy('content')
    .execute()

/** The items of such messages by one of the two indexes that lead to them. */
const itemsOfShared = (
  sql: Database<StateTables>['sql'],
  reach: Reach,
  { from, to }: Day,
  column: 'item_id' | 'held_id',
) =>
  sql
    .selectFrom(
      sql
        .selectFrom('digest_item')
        .select('held_id as shared_id')
        .distinct()
        .where('mail_at', '>=', from)
        .where('mail_at', '<', to)
        .where('held_id', 'is not', null)
        .as('shared'),
    )
    .innerJoin('digest_item', `digest_item.${column}`, 'shared.shared_id')
    .select(['shared.shared_id', 'digest_item.content', isListed().as('listed')])
    .where(({ ref }) => withinDomains(ref('digest_item.reader'), reach))

/** 1 for an item that a digest lists. Null is not unequal either. */
const isListed = () => {
  const row = expressionBuilder<StateTables, 'digest_item'>()
  return row.case().when('digest_item.digest_id', 'not in', [BY_HAND, LEFT_OUT]).then(1).else(0).end()
}
