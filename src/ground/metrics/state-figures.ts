import type { AliasableExpression, Kysely } from 'kysely'
import type { Database } from '../database/database.ts'
import type { StateTables } from '../state/state-tables.ts'

/** What our tables say about the work that is left. */
export interface StateFigures {
  readonly digests: Readonly<Record<CountedDigests, number>>
  readonly releases: Readonly<Record<CountedReleases, number>>
  readonly itemsWaiting: number
  /**
   * When the oldest digest that has not been sent was made, or is to be sent first, where mails are spread; undefined when
   * all are sent.
   */
  readonly oldestPendingAt: number | undefined
  /** When the last run of each schedule was finished; without those that never ran. */
  readonly runsFinishedAt: ReadonlyMap<string, number>
}

/** Not `sent`, `empty` and `released`: those are all that ever was, and are counted where they happen. */
const DIGESTS = ['pending', 'failed'] as const
const RELEASES = ['releasing', 'queued', 'failed', 'uncertain'] as const
export type CountedDigests = (typeof DIGESTS)[number]
export type CountedReleases = (typeof RELEASES)[number]

/** No count goes further: it would cost whoever asks more than anybody learns from it. */
export const COUNTED_AT_MOST = 100_000

/** Reads the figures along indexes: it takes no longer for millions of rows than for those that it counts. */
export async function stateFigures(state: Database<StateTables>): Promise<StateFigures> {
  const { sql } = state
  const digestsIn = (is: CountedDigests) =>
    sql.selectFrom('digest_digest').select('state').where('state', '=', is).limit(COUNTED_AT_MOST)
  const releasesIn = (is: CountedReleases) =>
    sql.selectFrom('digest_release').select('state').where('state', '=', is).limit(COUNTED_AT_MOST)
  const waiting = sql.selectFrom('digest_item').select('digest_id').where('digest_id', 'is', null)
  return {
    digests: await countEach(DIGESTS, is => count(sql, digestsIn(is))),
    releases: await countEach(RELEASES, is => count(sql, releasesIn(is))),
    itemsWaiting: await count(sql, waiting.limit(COUNTED_AT_MOST)),
    oldestPendingAt: await oldestPending(sql),
    runsFinishedAt: await lastRuns(sql),
  }
}

/** One after the other: a scrape shall not take all connections of the pool. */
async function countEach<Name extends string>(
  names: readonly Name[],
  countOf: (name: Name) => Promise<number>,
): Promise<Record<Name, number>> {
  const counts: [Name, number][] = []
  for (const name of names) counts.push([name, await countOf(name)])
  return Object.fromEntries(counts) as Record<Name, number>
}

async function count(sql: Kysely<StateTables>, rows: AliasableExpression<object>): Promise<number> {
  const counted = sql.selectFrom(rows.as('counted')).select(({ fn }) => fn.countAll().as('number'))
  return Number((await counted.executeTakeFirstOrThrow()).number)
}

/**
 * Looked for at both ends of the queue: what nobody sends stays at its head, and what has been put off again and again
 * waits longest at its tail.
 */
async function oldestPending(sql: Kysely<StateTables>): Promise<number | undefined> {
  const times = [...(await endOfQueue(sql, 'asc')), ...(await endOfQueue(sql, 'desc'))]
  return times.length === 0 ? undefined : Math.min(...times)
}

async function endOfQueue(sql: Kysely<StateTables>, order: 'asc' | 'desc'): Promise<number[]> {
  const rows = await sql
    .selectFrom('digest_digest')
    .select(['created_at', 'attempts', 'next_attempt_at'])
    .where('state', '=', 'pending')
    .orderBy('next_attempt_at', order)
    .limit(LOOKED_AT)
    .execute()
  return rows.map(row => Number(row.attempts === 0 ? row.next_attempt_at : row.created_at))
}

const LOOKED_AT = 500

async function lastRuns(sql: Kysely<StateTables>): Promise<Map<string, number>> {
  const schedules = await sql.selectFrom('digest_schedule').select('name').where('enabled', '=', 1).execute()
  const finished = new Map<string, number>()
  for (const { name } of schedules) {
    const run = await sql
      .selectFrom('digest_run')
      .select('finished_at')
      .where('schedule', '=', name)
      .where('finished_at', 'is not', null)
      .orderBy('due_at', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (run) finished.set(name, Number(run.finished_at))
  }
  return finished
}
