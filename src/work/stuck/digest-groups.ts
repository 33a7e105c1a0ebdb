import { type Expression, expressionBuilder, type SqlBool } from 'kysely'
import type { Database } from '../../ground/database/database.ts'
import { withinDomains } from '../../ground/database/within-domains.ts'
import { isFree, isLeased } from '../../ground/state/leases.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Reach } from '../../rules/reach/reach.ts'
import { FAILURES_SHOWN_FOR } from './group.ts'

/** What has not come to its end, or came to a bad one: each digest is in one of these groups at most. */
export const DIGEST_GROUPS = [
  /** In a living process's hands. */
  'sending',
  /** To be sent as soon as somebody does. */
  'due',
  /** Of a run whose mails are spread: its place comes later. */
  'spread',
  /** Tried, and to be tried again later. */
  'putOff',
  /** Refused or given up within the last days. */
  'failed',
] as const

export type DigestGroup = (typeof DIGEST_GROUPS)[number]

/** The digests of a group. @param reach of whose readers */
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
        // The last attempt was due then, which is in the index; it may have been made much later.
        row('next_attempt_at', '>=', now - 5 * FAILURES_SHOWN_FOR),
        row('finished_at', '>=', now - FAILURES_SHOWN_FOR),
      ])
  }
}
