import type { Database } from '../../../ground/database/database.ts'
import type { Page } from '../../../ground/database/walk-by-key.ts'
import type { DigestTable, StateTables } from '../../../ground/state/state-tables.ts'
import type { DigestState } from '../../../ground/state/states.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { boundedLimit, isAfterPosition, type PageRequest, pageByTime, positionOf } from '../listing/paging.ts'
import { matchesReader, oldestRead, readerFilter } from '../listing/reader-filter.ts'

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
export const digestsWithSchedule = ({ sql }: Database<StateTables>) =>
  sql
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

function rowsOf({ state, clock }: FindDigestsDeps, reach: Reach, query: DigestQuery, limit: number) {
  const filter = readerFilter(reach, query.reader)
  const after = positionOf(query.after)
  const oldest = oldestRead(filter, query.since, clock())
  return digestsWithSchedule(state)
    .where(({ ref }) => matchesReader(filter, ref('digest_digest.reader')))
    .$if(query.state !== undefined, rows => rows.where('digest_digest.state', '=', query.state ?? 'sent'))
    .$if(query.run !== undefined, rows => rows.where('digest_digest.run_id', '=', query.run ?? ''))
    .$if(oldest !== undefined, rows => rows.where('digest_digest.created_at', '>=', oldest ?? 0))
    .where(({ ref }) =>
      isAfterPosition(after, ref('digest_digest.created_at'), ref('digest_digest.digest_id')),
    )
    .orderBy('digest_digest.created_at', 'desc')
    .orderBy('digest_digest.digest_id', 'desc')
    .limit(limit)
    .execute()
}
