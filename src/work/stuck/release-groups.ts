import type { Database } from '../../ground/database/database.ts'
import { withinDomains } from '../../ground/database/within-domains.ts'
import { isReadBy } from '../../ground/state/item-and-release.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { ReleaseState } from '../../ground/state/states.ts'
import type { Reach } from '../../rules/reach/reach.ts'
import { FAILURES_SHOWN_FOR } from './group.ts'

/** Unfinished or failed releases. The groups are small: nearly all releases are `released`. */
export const RELEASE_GROUPS = [
  /** amavisd is being asked. */
  'asking',
  /** amavisd will be asked again. */
  'queued',
  /** A copy may have been delivered: a person has to decide. */
  'uncertain',
  /** Failed within the last seven days. */
  'failed',
] as const

export type ReleaseGroup = (typeof RELEASE_GROUPS)[number]

type State = Pick<Database<StateTables>, 'sql'>

/** Selects the releases in a state, along the index `(state, next_attempt_at)`. */
export const releasesInState = ({ sql }: State, state: ReleaseState) =>
  sql.selectFrom('digest_release').where('digest_release.state', '=', state)

/** Selects the releases of a group. @param reach only messages of which a reader is within this reach */
export const releasesInGroup = (state: State, group: ReleaseGroup, now: number, reach?: Reach) =>
  releasesInState(state, STATES[group])
    .$if(group === 'failed', rows => rows.where('digest_release.finished_at', '>=', now - FAILURES_SHOWN_FOR))
    .$if(reach !== undefined, rows => rows.where(isReadBy(reader => withinDomains(reader, reach))))

const STATES = {
  asking: 'releasing',
  queued: 'queued',
  uncertain: 'uncertain',
  failed: 'failed',
} as const satisfies Record<ReleaseGroup, ReleaseState>
