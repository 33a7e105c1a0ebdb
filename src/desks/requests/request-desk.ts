import type { AdminViewer } from '../../rules/reach/viewer.ts'
import type { ListedHeld } from '../../work/quarantine/held-list.ts'
import type { DecisionOutcome, ReleaseRequested, RequestState } from '../../work/requests/request.ts'

/** What admins do with what readers have asked for. What is beyond their domains does not exist: REQUEST_UNKNOWN. */
export interface RequestDesk {
  /** Newest last while they wait, newest first otherwise. @throws CodedError OUT_OF_REACH, REQUEST_INVALID */
  list(viewer: AdminViewer, request: RequestListRequest): Promise<RequestList>
  /** @throws CodedError REQUEST_UNKNOWN, OUT_OF_REACH */
  find(viewer: AdminViewer, id: string): Promise<RequestWithMail>
  /**
   * Releases the message to its recipient. The first decision counts.
   *
   * @throws CodedError REQUEST_UNKNOWN, OUT_OF_REACH, REQUEST_DECIDED (its message says who decided what), MESSAGE_GONE
   */
  approve(viewer: AdminViewer, id: string, decision: Decision): Promise<DecisionOutcome>
  /** @throws CodedError REQUEST_UNKNOWN, OUT_OF_REACH, REQUEST_DECIDED, REQUEST_INVALID for a note that is too long */
  refuse(viewer: AdminViewer, id: string, decision: Decision): Promise<DecisionOutcome>
  /** How many wait within reach. */
  waiting(viewer: AdminViewer): Promise<number>
}

export interface Decision {
  /** Said to the readers. */
  readonly note?: string | undefined
}

export interface RequestListRequest {
  /** Undefined: all states. */
  readonly state?: RequestState | undefined
  readonly limit: number
  /** A cursor that a page gave as `next`. */
  readonly after?: string | undefined
}

/** A request, with what amavis says about its message now; undefined: the quarantine no longer has it. */
export interface RequestWithMail {
  readonly request: ReleaseRequested
  readonly mail: ListedHeld | undefined
}

export interface RequestList {
  readonly requests: readonly RequestWithMail[]
  readonly next: string | undefined
}
