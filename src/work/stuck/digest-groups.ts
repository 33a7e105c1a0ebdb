import { type Expression, expressionBuilder, type SqlBool } from 'kysely'
import type { Database } from '../../ground/database/database.ts'
import { withinDomains } from '../../ground/database/within-domains.ts'
import { isFree, isLeased } from '../../ground/state/leases.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { DigestState } from '../../ground/state/states.ts'
import type { Reach } from '../../rules/reach/reach.ts'
import { HELD_BACK_FOR } from '../digest/send/hold-back.ts'
import { FAILURES_SHOWN_FOR } from './group.ts'

/** Unfinished or failed digests. Each is in at most one group. */
export const DIGEST_GROUPS = [
  /** Leased by a live process. */
  'sending',
  /** Due now. */
  'due',
  /** Scheduled for later because its run is spread. */
  'spread',
  /** Attempted before or held back, and scheduled for another attempt. */
  'putOff',
  /** Refused or given up within the last seven days. */
  'failed',
] as const

export type DigestGroup = (typeof DIGEST_GROUPS)[number]

type State = Pick<Database<StateTables>, 'sql'>

/** Selects the digests in a state, along the index `(state, next_attempt_at)`. */
export const digestsInState = ({ sql }: State, state: DigestState) =>
  sql.selectFrom('digest_digest').where('state', '=', state)

/** Selects the digests of a group. @param reach only readers within this reach */
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

const isHeldBack = row.and([row('reply', 'is not', null), row('reply', 'like', `${HELD_BACK_FOR}%`)])

/** Whether a digest in the state of a group is in the group. */
function isInGroup(group: DigestGroup, now: number): Expression<SqlBool> {
  const isLater = row('next_attempt_at', '>', now)
  switch (group) {
    case 'sending':
      return isLeased(now)
    case 'due':
      return row.and([row('next_attempt_at', '<=', now), isFree(now)])
    case 'spread':
      return row.and([isLater, isFree(now), row('attempts', '=', 0), row.not(isHeldBack)])
    case 'putOff':
      return row.and([isLater, isFree(now), row.or([row('attempts', '>', 0), isHeldBack])])
    case 'failed':
      return row.and([
        // This bound uses the index. It is wider than the next one: an attempt may be made long after it was due.
        row('next_attempt_at', '>=', now - 5 * FAILURES_SHOWN_FOR),
        row('finished_at', '>=', now - FAILURES_SHOWN_FOR),
      ])
  }
}
