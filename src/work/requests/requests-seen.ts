import type { RequestState } from './request.ts'
import { lastRequests, type RequestRow, type State } from './request-rows.ts'

/** What a reader is shown of the request for a message. */
export interface RequestSeen {
  readonly state: RequestState
  /** Whether the reader who looks is one of those who have asked. */
  readonly askedByThisReader: boolean
  /** Milliseconds since the epoch, as are all times. */
  readonly askedAt: number
  readonly expiresAt: number
  /** When it was decided or ended; undefined while it waits. */
  readonly decidedAt: number | undefined
  /** What the admin says; untrusted text. */
  readonly note: string | undefined
}

/**
 * What has become of the last request for each of these held messages, for pages, lists and digests.
 *
 * @param reader who looks; undefined: nobody who could have asked
 * @returns by `heldId`; without the messages that nobody has asked for
 */
export async function requestsOf(
  state: State,
  heldIds: readonly string[],
  reader?: string,
): Promise<ReadonlyMap<string, RequestSeen>> {
  const requests = await lastRequests(state, heldIds)
  return new Map([...requests].map(([heldId, request]) => [heldId, requestSeen(request, reader)]))
}

export const requestSeen = (request: RequestRow, reader: string | undefined): RequestSeen => ({
  state: request.state,
  askedByThisReader: reader !== undefined && request.readers.includes(reader),
  askedAt: request.askedAt,
  expiresAt: request.expiresAt,
  decidedAt: request.endedAt,
  note: request.note,
})
