import { type Expression, expressionBuilder, type SqlBool } from 'kysely'
import type { Database } from '../../ground/database/database.ts'
import { withinDomains } from '../../ground/database/within-domains.ts'
import { isFree, isLeased } from '../../ground/state/leases.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { DigestState } from '../../ground/state/states.ts'
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

type State = Pick<Database<StateTables>, 'sql'>

/** Selects the digests in a state, along the index `(state, next_attempt_at)`. */
export const digestsInState = ({ sql }: State, state: DigestState) =>
  sql.selectFrom('digest_digest').where('state', '=', state)

/** Selects the digests of a group. @param reach only those of readers within this reach */
export const digestsInGroup = (state: State, group: DigestGroup, now: number, reach?: Reach) =>
  digestsInState(state, STATES[group])
    .where(isInGroup(group, now))
    .where(({ ref }) => withinDomains(ref('reader'), reach))

const STATES = {
  sending: 'pending',
  due: 'pending',
  spread: 'pending',
  putOff: 'pending',
  failed: 'failed',
} as const satisfies Record<DigestGroup, DigestState>

const row = expressionBuilder<StateTables, 'digest_digest'>()

/** Whether a digest in the state of a group is in the group. */
function isInGroup(group: DigestGroup, now: number): Expression<SqlBool> {
  const isLater = row('next_attempt_at', '>', now)
  switch (group) {
    case 'sending':
      return isLeased(now)
    case 'due':
      return row.and([row('next_attempt_at', '<=', now), isFree(now)])
    case 'spread':
      return row.and([isLater, isFree(now), row('attempts', '=', 0)])
    case 'putOff':
      return row.and([isLater, isFree(now), row('attempts', '>', 0)])
    case 'failed':
      return row.and([
        // `next_attempt_at` is in the index: the last attempt was due then, but may have been made much later.
        row('next_attempt_at', '>=', now - 5 * FAILURES_SHOWN_FOR),
        row('finished_at', '>=', now - FAILURES_SHOWN_FOR),
      ])
  }
}
