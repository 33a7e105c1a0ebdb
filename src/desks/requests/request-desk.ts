import type { AdminViewer } from '../../rules/reach/viewer.ts'
import { approveRequest, type Decision, refuseRequest } from '../../work/requests/decide-request.ts'
import type { ReleaseApprovedDeps } from '../../work/requests/release-approved.ts'
import type { DecisionOutcome } from '../../work/requests/request.ts'
import { given } from '../given.ts'
import {
  countWaiting,
  findRequestInReach,
  listRequests,
  type RequestList,
  type RequestListRequest,
  type RequestWithMail,
} from './list-requests.ts'

export type { Decision } from '../../work/requests/decide-request.ts'
export type { RequestList, RequestListRequest, RequestWithMail } from './list-requests.ts'

/** What admins do with what readers have asked for. What is beyond their domains does not exist: REQUEST_UNKNOWN. */
export interface RequestDesk {
  /** Newest last while they wait, newest first otherwise. @throws CodedError OUT_OF_REACH, REQUEST_INVALID */
  list(viewer: AdminViewer, request: RequestListRequest): Promise<RequestList>
  /** @throws CodedError REQUEST_UNKNOWN, OUT_OF_REACH */
  find(viewer: AdminViewer, id: string): Promise<RequestWithMail>
  /**
   * Releases the message to its recipient. The first decision counts.
   *
   * @throws CodedError REQUEST_UNKNOWN, OUT_OF_REACH, REQUEST_DECIDED (its message says who decided what), MESSAGE_GONE,
   * REQUEST_INVALID for a note that is too long, POLICY_REFUSED for a kind that is never released
   */
  approve(viewer: AdminViewer, id: string, decision: Decision): Promise<DecisionOutcome>
  /** @throws CodedError as `approve`, but for POLICY_REFUSED */
  refuse(viewer: AdminViewer, id: string, decision: Decision): Promise<DecisionOutcome>
  /** How many wait within reach. @throws CodedError OUT_OF_REACH */
  waiting(viewer: AdminViewer): Promise<number>
}

export const requestDesk = (deps: ReleaseApprovedDeps): RequestDesk => ({
  list: given(deps, listRequests),
  find: given(deps, findRequestInReach),
  approve: given(deps, approveRequest),
  refuse: given(deps, refuseRequest),
  waiting: given(deps, countWaiting),
})
