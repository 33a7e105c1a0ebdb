import { type Expression, expressionBuilder, type SqlBool } from 'kysely'
import type { Database } from '../../ground/database/database.ts'
import { withinDomains } from '../../ground/database/within-domains.ts'
import { isFree, isLeased } from '../../ground/state/leases.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Reach } from '../../rules/reach/reach.ts'
import { FAILURES_SHOWN_FOR } from './group.ts'

/** The groups of digests that are unfinished or have failed. Each digest is in at most one of them. */
export const DIGEST_GROUPS = [
  /** Leased by a process that is sending it. */
  'sending',
  /** To be sent as soon as a process leases it. */
  'due',
  /** Waiting for its place in a run whose mails are spread. */
  'spread',
  /** Attempted, and to be attempted again later. */
  'putOff',
  /** Refused or given up within the last days. */
  'failed',
] as const

export type DigestGroup = (typeof DIGEST_GROUPS)[number]

/** Selects the digests of a group. @param reach only those of readers within this reach */
export const digestsIn = (
  { sql }: Pick<Database<StateTables>, 'sql'>,
  group: DigestGroup,
  now: number,
  reach?: Reach,
) =>
  sql
    .selectFrom('digest_digest')
    .where(isIn(group, now))
    .where(({ ref }) => withinDomains(ref('reader'), reach))

const row = expressionBuilder<StateTables, 'digest_digest'>()

function isIn(group: DigestGroup, now: number): Expression<SqlBool> {
  const isPending = row('state', '=', 'pending')
  const isLater = row('next_attempt_at', '>', now)
  switch (group) {
    case 'sending':
      return row.and([isPending, isLeased(now)])
    case 'due':
      return row.and([isPending, row('next_attempt_at', '<=', now), isFree(now)])
    case 'spread':
      return row.and([isPending, isLater, isFree(now), row('attempts', '=', 0)])
    case 'putOff':
      return row.and([isPending, isLater, isFree(now), row('attempts', '>', 0)])
    case 'failed':
      return row.and([
        row('state', '=', 'failed'),
        // `next_attempt_at` is in the index: the last attempt was due then, but may have been made much later.
        row('next_attempt_at', '>=', now - 5 * FAILURES_SHOWN_FOR),
        row('finished_at', '>=', now - FAILURES_SHOWN_FOR),
      ])
  }
}
