import { expressionBuilder, sql } from 'kysely'
import type { Database } from '../../../ground/database/database.ts'
import type { Page } from '../../../ground/database/walk-by-key.ts'
import { DAY, HOUR } from '../../../ground/durations.ts'
import type { DigestTable, StateTables } from '../../../ground/state/state-tables.ts'
import type { DigestState } from '../../../ground/state/states.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { digestsInState } from '../../../work/stuck/digest-groups.ts'
import {
  boundedLimit,
  isAfterPosition,
  type ListPosition,
  type PageRequest,
  pageByTime,
  positionOf,
} from '../listing/paging.ts'
import { matchesReader, oldestRead, type ReaderFilter, readerFilter } from '../listing/reader-filter.ts'

export interface FindDigestsDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
}

export interface DigestQuery extends PageRequest {
  /** An address, or `@domain`. */
  readonly reader?: string | undefined
  readonly state?: DigestState | undefined
  /** Only those of this run. */
  readonly run?: string | undefined
  /** Only those made since then, in milliseconds since the epoch. Default for a list of domains: 30 days ago. */
  readonly since?: number | undefined
}

/** One digest, as an admin sees it. All times are milliseconds since the epoch. */
export interface DigestSummary {
  readonly id: string
  readonly reader: string
  readonly deliverTo: string
  /** The digest that it is a copy of, for somebody else; null: it is none. */
  readonly copyOf: string | null
  readonly state: DigestState
  /** Null when the digest was made by hand, or its run is no longer kept. */
  readonly schedule: string | null
  readonly createdAt: number
  readonly finishedAt: number | null
  readonly attempts: number
  readonly nextAttemptAt: number
  /** Until then, the process that sends it holds it. */
  readonly leaseUntil: number | null
  readonly itemCount: number
  /** The SMTP server's last reply. */
  readonly reply: string | null
  /** When a machine was first seen reading it. */
  readonly canaryAt: number | null
  /** How often it was resent on request. */
  readonly resent: number
  readonly language: string
  readonly timeZone: string
}

/** Lists digests, newest first. @throws CodedError REQUEST_INVALID, OUT_OF_REACH */
export async function findDigests(
  deps: FindDigestsDeps,
  reach: Reach,
  query: DigestQuery,
): Promise<Page<DigestSummary>> {
  const limit = boundedLimit(query.limit)
  const rows = await rowsOf(deps, reach, query, limit + 1)
  return pageByTime(rows.map(digestSummaryOf), limit, ({ createdAt, id }) => ({ at: createdAt, id }))
}

/** Digests, each with the schedule for which it was made. */
export const digestsWithSchedule = (state: Database<StateTables>) =>
  state.sql
    .selectFrom('digest_digest')
    .leftJoin('digest_run', 'digest_run.run_id', 'digest_digest.run_id')
    .selectAll('digest_digest')
    .select('digest_run.schedule')

export const digestSummaryOf = (row: DigestTable & { readonly schedule: string | null }): DigestSummary => ({
  id: row.digest_id,
  reader: row.reader,
  deliverTo: row.deliver_to,
  copyOf: row.copy_of,
  state: row.state,
  schedule: row.schedule,
  createdAt: Number(row.created_at),
  finishedAt: numberOrNull(row.finished_at),
  attempts: row.attempts,
  nextAttemptAt: Number(row.next_attempt_at),
  leaseUntil: numberOrNull(row.lease_until),
  itemCount: row.item_count,
  reply: row.reply,
  canaryAt: numberOrNull(row.canary_at),
  resent: row.resent ?? 0,
  language: row.language,
  timeZone: row.time_zone,
})

const numberOrNull = (value: number | string | null): number | null => (value === null ? null : Number(value))

type FoundDigest = DigestTable & { readonly schedule: string | null }

async function rowsOf(
  deps: FindDigestsDeps,
  reach: Reach,
  query: DigestQuery,
  limit: number,
): Promise<readonly FoundDigest[]> {
  const filter = readerFilter(reach, query.reader)
  const bounds = await boundsOf(deps, filter, query)
  const found = digestsWithSchedule(deps.state)
    .where(({ ref }) => matchesReader(filter, ref('digest_digest.reader')))
    .where(isWanted(query))
    .where(isWithin(bounds))
  if (!filter.needsScan) return newestFirst(found, limit).execute()
  if (await areFew(deps.state, query.state)) return sortedNewestFirst(found, limit).execute()
  return rowsOfDomains(deps, filter, { ...query, ...bounds }, limit)
}

/** Whether few digests are in a state, which is usual but for `sent`: then they are all looked at, along its index. */
async function areFew(state: Database<StateTables>, wanted: DigestState | undefined): Promise<boolean> {
  if (wanted === undefined || wanted === 'sent') return false
  const oneTooMany = await digestsInState(state, wanted)
    .select('state')
    .offset(FEW)
    .limit(1)
    .executeTakeFirst()
  return oneTooMany === undefined
}

/** Reading so many digests takes 50 ms. */
const FEW = 10_000

/** Between which times the digests were made. */
interface Bounds {
  readonly from: number
  /** Included. */
  readonly to: number
  readonly after: ListPosition | undefined
}

/** Without those of a run, the list would be read from its newest digest down to that run. */
async function boundsOf(
  { state, clock }: FindDigestsDeps,
  filter: ReaderFilter,
  { run, since, after }: DigestQuery,
): Promise<Bounds> {
  const position = positionOf(after)
  const made = run === undefined ? undefined : await madeBy(state, run)
  const oldest = oldestRead(filter, since, clock()) ?? 0
  return {
    from: Math.max(oldest, made?.from ?? 0),
    to: Math.min(position?.at ?? Number.MAX_SAFE_INTEGER, made?.to ?? Number.MAX_SAFE_INTEGER),
    after: position,
  }
}

/** When a run may have made its digests, by clocks that differ a little. Undefined when the run is no longer kept. */
async function madeBy(state: Database<StateTables>, run: string): Promise<Omit<Bounds, 'after'> | undefined> {
  const row = await state.sql
    .selectFrom('digest_run')
    .select(['due_at', 'finished_at'])
    .where('run_id', '=', run)
    .executeTakeFirst()
  if (!row) return undefined
  const { due_at: due, finished_at: finished } = row
  return {
    from: Number(due) - HOUR,
    to: finished === null ? Number.MAX_SAFE_INTEGER : Number(finished) + HOUR,
  }
}

/**
 * The digests of the readers of some domains. Only the index of times and readers is searched for them, for a day at first
 * and then for longer, because a large domain has enough of them soon, and a small one hardly any.
 */
async function rowsOfDomains(
  { state, clock }: FindDigestsDeps,
  filter: ReaderFilter,
  query: Pick<DigestQuery, 'state' | 'run'> & Bounds,
  limit: number,
): Promise<readonly FoundDigest[]> {
  const rows: FoundDigest[] = []
  const first = Math.min(query.to, clock())
  let to = query.to
  for (let span = DAY; to >= query.from && rows.length < limit; span *= 5) {
    const from = Math.max(query.from, first - span)
    const near = nearest(state, filter, { from, to, after: query.after }).as('near')
    const wanted = digestsWithSchedule(state)
      .innerJoin(near, 'near.near_id', 'digest_digest.digest_id')
      .where(isWanted({ run: query.run }))
      .$if(query.state !== undefined, found => found.where(unindexedState, '=', query.state ?? 'sent'))
    rows.push(...(await newestFirst(wanted, limit - rows.length).execute()))
    to = from - 1
  }
  return rows
}

/** As an expression, because SQLite would rather read all digests of a state along its index. */
const unindexedState = sql<DigestState>`coalesce(${sql.ref('digest_digest.state')}, '')`

/** DISTINCT keeps MariaDB from joining the two into one, for which it would read each digest of the time. */
const nearest = (state: Database<StateTables>, filter: ReaderFilter, bounds: Bounds) =>
  state.sql
    .selectFrom('digest_digest')
    .select(['digest_digest.digest_id as near_id', 'digest_digest.created_at as near_at'])
    .distinct()
    .where(isWithin(bounds))
    .where(({ ref }) => matchesReader(filter, ref('digest_digest.reader')))

type Rows = ReturnType<typeof digestsWithSchedule>

const newestFirst = (rows: Rows, limit: number): Rows =>
  rows.orderBy('digest_digest.created_at', 'desc').orderBy('digest_digest.digest_id', 'desc').limit(limit)

/** Sums, because MariaDB would otherwise walk along the index of the time, in search of the few that are wanted. */
const sortedNewestFirst = (rows: Rows, limit: number): Rows =>
  rows
    .orderBy(sql`digest_digest.created_at + 0`, 'desc')
    .orderBy('digest_digest.digest_id', 'desc')
    .limit(limit)

const digest = expressionBuilder<StateTables, 'digest_digest'>()

const isWanted = ({ state, run }: Pick<DigestQuery, 'state' | 'run'>) =>
  digest.and([
    ...(state === undefined ? [] : [digest('digest_digest.state', '=', state)]),
    ...(run === undefined ? [] : [digest('digest_digest.run_id', '=', run)]),
  ])

const isWithin = ({ from, to, after }: Bounds) =>
  digest.and([
    ...(from > 0 ? [digest('digest_digest.created_at', '>=', from)] : []),
    ...(to < Number.MAX_SAFE_INTEGER ? [digest('digest_digest.created_at', '<=', to)] : []),
    isAfterPosition(after, digest.ref('digest_digest.created_at'), digest.ref('digest_digest.digest_id')),
  ])
