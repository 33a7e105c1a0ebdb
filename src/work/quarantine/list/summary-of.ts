import { setTimeout as wait } from 'node:timers/promises'
import { type ContentKind, contentKindOf } from '../../../ground/amavis/content.ts'
import { haveFew, lastSlice } from '../../../ground/amavis/quarantine/amounts.ts'
import { countHeld } from '../../../ground/amavis/quarantine/count-held.ts'
import { rowsBetween, rowsOfAddresses } from '../../../ground/amavis/quarantine/found-rows.ts'
import type { Recipients } from '../../../ground/amavis/quarantine/recipients.ts'
import type { RowFilter } from '../../../ground/amavis/quarantine/row-filter.ts'
import type { Seconds } from '../../../ground/amavis/quarantine/seconds.ts'
import { ExpiringCache } from '../../../ground/concurrency/expiring-cache.ts'
import { oncePerOwner } from '../../../ground/concurrency/once.ts'
import type { Database } from '../../../ground/database/database.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { DAY, MINUTE, SECOND } from '../../../ground/durations.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { requireInQuarantine, type Viewer } from '../../../rules/reach/viewer.ts'
import { EMPTY_SEARCH } from '../../../rules/search/search.ts'
import { firstShown, midnightBefore } from '../../../rules/time/local-time.ts'
import { rowFilter } from '../listed-state.ts'
import { domainSpellings } from './address-spellings.ts'
import { addressesFor } from './addresses-of.ts'
import { idsInDomains } from './ids-in-domains.ts'
import type { ListHeldDeps } from './list-held.ts'
import { recipientIds } from './recipient-ids.ts'
import { FEW } from './sources.ts'

export interface SummaryRequest {
  /** How many days, ending with today: at most 90. */
  readonly days: number
  /** In which days begin. */
  readonly timeZone: string
}

/** By day and kind, for how many recipients messages are held or requested: the newest day first. */
export interface Summary {
  readonly days: readonly DaySummary[]
  /** Days that are not counted yet are missing: counting goes on, and whoever asks again in a while gets more. */
  readonly isCounting: boolean
}

export interface DaySummary {
  /** As `2026-03-11`. */
  readonly day: string
  /** Kinds without a message are missing. */
  readonly counts: Readonly<Partial<Record<ContentKind, number>>>
}

/**
 * Counts what is held for a reader, or within an admin's reach. Where that is much, it answers after a tenth of a second
 * with the days that are counted by then. The figures of today are at most half a minute old, others ten minutes.
 *
 * @throws CodedError OUT_OF_REACH
 */
export async function summaryOf(
  deps: ListHeldDeps,
  viewer: Viewer,
  request: SummaryRequest,
): Promise<Summary> {
  requireInQuarantine(viewer, 'read')
  const days = lastDays(deps.clock(), request)
  // Nothing leads from a link to the mail that it does not name.
  if (viewer.as === 'reader' && viewer.only) return { days: [], isCounting: false }
  const counts = await countedFor(deps, viewer)
  if (counts.are === 'ids' && (await haveFew(deps.storage, counts.ids, FEW)))
    return { days: await countFew(deps, counts.ids, days), isCounting: false }
  const counted: DaySummary[] = []
  const counting = countDays(deps, counts, days, counted)
  // A failure that comes later is met again by whoever asks next.
  counting.catch(() => undefined)
  const isDone = await Promise.race([counting.then(() => true), wait(PATIENCE, false, { ref: false })])
  return { days: [...counted], isCounting: !isDone }
}

/** Milliseconds. */
const PATIENCE = 100

interface Day {
  readonly name: string
  readonly seconds: Seconds
  readonly isToday: boolean
}

/** The newest first. */
function lastDays(now: number, { days, timeZone }: SummaryRequest): readonly Day[] {
  const today = midnightBefore(now, timeZone)
  const startOf = (ago: number) => Math.ceil(firstShown(today - ago * DAY, timeZone) / SECOND)
  return Array.from({ length: Math.max(1, Math.min(MOST_DAYS, Math.trunc(days))) }, (_, ago) => ({
    name: new Date(today - ago * DAY).toISOString().slice(0, 10),
    seconds: { from: startOf(ago), to: startOf(ago - 1) - 1 },
    isToday: ago === 0,
  }))
}

const MOST_DAYS = 90

/** Somebody may read too many addresses to name their ids. */
type Counted = Recipients | { readonly are: 'addresses'; readonly addresses: readonly string[] }

async function countedFor(deps: ListHeldDeps, viewer: Viewer): Promise<Counted> {
  if (viewer.as === 'admin') return withinReach(deps, viewer.reach)
  const addresses = await addressesFor(deps, viewer)
  const ids = await recipientIds(deps.storage, addresses)
  return ids ? { are: 'ids', ids } : { are: 'addresses', addresses }
}

async function withinReach({ storage, clock }: ListHeldDeps, reach: Reach): Promise<Recipients> {
  if (reach === undefined) return { are: 'all' }
  const ids = await idsInDomains(storage, reach, clock())
  const areFew = ids && (await haveFew(storage, ids, FEW))
  return areFew ? { are: 'ids', ids } : { are: 'inDomains', domains: domainSpellings(reach) }
}

const HELD: RowFilter = rowFilter(EMPTY_SEARCH, true)

async function countFew(
  { storage }: ListHeldDeps,
  ids: readonly number[],
  days: readonly Day[],
): Promise<readonly DaySummary[]> {
  const window = { from: days.at(-1)?.seconds.from ?? 0, to: days[0]?.seconds.to ?? 0 }
  const rows = await rowsOfAddresses(storage, ids, window, HELD, FEW)
  return days.map(({ name, seconds }) => {
    const ofDay = rows.filter(({ timeNum }) => timeNum >= seconds.from && timeNum <= seconds.to)
    const kinds = Map.groupBy(ofDay, row => contentKindOf(row.content))
    return { day: name, counts: Object.fromEntries([...kinds].map(([kind, { length }]) => [kind, length])) }
  })
}

/** @param counted receives one day after the other */
async function countDays(
  deps: ListHeldDeps,
  recipients: Counted,
  days: readonly Day[],
  counted: DaySummary[],
): Promise<void> {
  for (const day of days) {
    const key = JSON.stringify([recipients, day.seconds])
    const keeping = { now: deps.clock(), keep: day.isToday ? TODAY_KEPT : PAST_KEPT }
    const counts = await countsOf(deps.state).get(key, keeping, () => countDay(deps, recipients, day))
    counted.push({ day: day.name, counts })
  }
}

const TODAY_KEPT = 30 * SECOND
const PAST_KEPT = 10 * MINUTE

/** Keeps the counts of one process for everybody who asks. */
const countsOf = oncePerOwner(
  (_: Database<StateTables>) => new ExpiringCache<DaySummary['counts']>(MOST_KEPT),
)

/** Counts of days, some hundred octets each. */
const MOST_KEPT = 5000

/** In slices, because a database that has to join all mail of a day may read the whole table instead. */
async function countDay(
  { storage }: ListHeldDeps,
  recipients: Counted,
  { seconds }: Day,
): Promise<DaySummary['counts']> {
  const sums: Partial<Record<ContentKind, number>> = {}
  let { to } = seconds
  while (to >= seconds.from) {
    const slice = await lastSlice(storage, { from: seconds.from, to }, SLICE)
    for (const [kind, count] of await countSlice(storage, { from: slice.from, to }, recipients))
      sums[kind] = (sums[kind] ?? 0) + count
    to = slice.from - 1
  }
  return sums
}

async function countSlice(
  storage: ListHeldDeps['storage'],
  seconds: Seconds,
  recipients: Counted,
): Promise<ReadonlyMap<ContentKind, number>> {
  if (recipients.are !== 'addresses') return countHeld(storage, seconds, recipients, HELD)
  const own = new Set(recipients.addresses)
  const rows = await rowsBetween(storage, seconds, { are: 'all' }, HELD)
  const theirs = rows.filter(({ recipient }) => own.has(readerAddress(recipient) ?? ''))
  const kinds = Map.groupBy(theirs, ({ content }) => contentKindOf(content))
  return new Map([...kinds].map(([kind, { length }]) => [kind, length]))
}

/** Messages. */
const SLICE = 1500
