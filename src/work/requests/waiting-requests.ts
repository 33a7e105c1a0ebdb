import type { Reach } from '../../rules/reach/reach.ts'
import type { State } from './request-rows.ts'

/** The requests within somebody's reach. */
export const requestsInReach = ({ sql }: Pick<State, 'sql'>, reach: Reach) =>
  sql
    .selectFrom('digest_request')
    .$if(reach !== undefined, query =>
      (reach ?? []).length === 0
        ? query.where('request_id', '=', NOBODY)
        : query.where('domain', 'in', reach ?? []),
    )

/** No request has this id. */
const NOBODY = ''

/** Those of them that wait. */
export const waitingInReach = (state: Pick<State, 'sql'>, reach: Reach) =>
  requestsInReach(state, reach).where('state', '=', 'waiting')
