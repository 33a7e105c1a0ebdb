import { ExpiringCache } from '../../../ground/concurrency/expiring-cache.ts'
import { oncePerOwner } from '../../../ground/concurrency/once.ts'
import type { Database } from '../../../ground/database/database.ts'
import { withinDomains } from '../../../ground/database/within-domains.ts'
import { SECOND } from '../../../ground/durations.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { DigestState } from '../../../ground/state/states.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { LOOK_BACK } from '../listing/reader-filter.ts'
import type { OverviewDeps } from './overview.ts'

/** The last digests that were made together, and what became of them. */
export interface LastRun {
  readonly runId: string
  /** Null if somebody started it. */
  readonly schedule: string | null
  /** When it was due, in milliseconds since the epoch. */
  readonly at: number
  readonly digests: Readonly<Record<DigestState, number>>
  /** How many messages the sent digests list. */
  readonly messages: number
}

/**
 * Finds the last run that made digests for readers within the reach; at most 30 days back. A digest that was made by
 * hand, for one reader perhaps, counts only where no schedule has made any. The answer is at most half a minute old.
 */
export async function lastRun({ state, clock }: OverviewDeps, reach: Reach): Promise<LastRun | undefined> {
  if (reach?.length === 0) return undefined
  const now = clock()
  return cacheOf(state).get(JSON.stringify(reach ?? null), { now, keep: KEPT_FOR }, async () => {
    const since = now - LOOK_BACK
    const run =
      (await lastDigest(state, reach, since, true)) ?? (await lastDigest(state, reach, since, false))
    return run && { ...run, ...(await outcomesOf(state, reach, run)) }
  })
}

const KEPT_FOR = 30 * SECOND

const cacheOf = oncePerOwner((_: Database<StateTables>) => new ExpiringCache<LastRun | undefined>(MAX_CACHED))

const MAX_CACHED = 500

type FoundRun = Pick<LastRun, 'runId' | 'schedule' | 'at'>

/** Reads the digests backwards in time, along their index, until one fits. */
async function lastDigest(
  state: Database<StateTables>,
  reach: Reach,
  since: number,
  isBySchedule: boolean,
): Promise<FoundRun | undefined> {
  const row = await state.sql
    .selectFrom('digest_digest')
    .innerJoin('digest_run', 'digest_run.run_id', 'digest_digest.run_id')
    .select(['digest_run.run_id', 'digest_run.schedule', 'digest_run.due_at'])
    .where('digest_digest.created_at', '>=', since)
    .$if(isBySchedule, rows => rows.where('digest_run.schedule', 'is not', null))
    .where(({ ref }) => withinDomains(ref('digest_digest.reader'), reach))
    .orderBy('digest_digest.created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && { runId: row.run_id, schedule: row.schedule, at: Number(row.due_at) }
}

/** No digest is made before its run is due. */
async function outcomesOf(
  state: Database<StateTables>,
  reach: Reach,
  { runId, at }: FoundRun,
): Promise<Pick<LastRun, 'digests' | 'messages'>> {
  const rows = await state.sql
    .selectFrom('digest_digest')
    .select(({ fn }) => ['state', fn.countAll().as('digests'), fn.sum('item_count').as('messages')])
    .where('created_at', '>=', at)
    .where('run_id', '=', runId)
    .where('copy_of', 'is', null)
    .where(({ ref }) => withinDomains(ref('reader'), reach))
    .groupBy('state')
    .execute()
  const digests = { sent: 0, pending: 0, failed: 0, empty: 0, dropped: 0 }
  for (const row of rows) digests[row.state] += Number(row.digests)
  const sent = rows.find(row => row.state === 'sent')
  return { digests, messages: Number(sent?.messages ?? 0) }
}
