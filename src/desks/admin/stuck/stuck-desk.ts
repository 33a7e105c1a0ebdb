import { type Reach, requireAll } from '../../../rules/reach/reach.ts'
import { given } from '../../given.ts'
import { dropByHand, retryByHand } from './by-hand.ts'
import { checkWork } from './check.ts'
import { readStatus, type StatusDeps } from './status.ts'
import { type StuckDeps, stuck } from './stuck.ts'
import type { ByHandDeps } from './target.ts'

export type StuckDeskDeps = StatusDeps & StuckDeps & ByHandDeps

/** What waits, failed or is stuck, and what admins do about it. */
export const stuckDesk = (deps: StuckDeskDeps) => ({
  /** @throws CodedError OUT_OF_REACH unless the reach is all domains */
  async status(reach: Reach, limit: number | undefined) {
    requireAll(reach)
    return readStatus(deps, limit)
  },
  /** @throws CodedError OUT_OF_REACH unless the reach is all domains */
  async check(reach: Reach, grace: number) {
    requireAll(reach)
    return checkWork(deps, grace)
  },
  list: given(deps, stuck),
  retry: given(deps, retryByHand),
  drop: given(deps, dropByHand),
})

export type StuckDesk = ReturnType<typeof stuckDesk>
