import type { Viewer } from '../../rules/reach/viewer.ts'
import { type HeldKey, heldIdOf } from '../collect/item-id.ts'
import { lastRequests, type RequestRow, type State } from '../requests/request-rows.ts'
import { requestSeen } from '../requests/requests-seen.ts'
import type { ListedRequest } from './held-list.ts'

/**
 * What has become of the last requests for some of these messages, by `heldId`. A message that was asked for is no
 * longer new: where `rs` is blank, nothing is looked up.
 *
 * @param rows whose `rs` is without blanks
 */
export async function listedRequests(
  state: State,
  viewer: Viewer,
  rows: readonly (HeldKey & { readonly rs: string })[],
): Promise<ReadonlyMap<string, ListedRequest>> {
  const asked = await lastRequests(state, rows.filter(({ rs }) => MAY_BE_ASKED_FOR.has(rs)).map(heldIdOf))
  return new Map([...asked].map(([heldId, request]) => [heldId, listedRequest(viewer, request)]))
}

/** Pending; or viewed, which it becomes when nobody waits any more. Mailzu writes a small letter. */
const MAY_BE_ASKED_FOR: ReadonlySet<string> = new Set(['p', 'V', 'v'])

const listedRequest = (viewer: Viewer, request: RequestRow): ListedRequest => ({
  ...requestSeen(request, viewer.as === 'reader' ? viewer.visitor.reader : undefined),
  id: request.id,
  readers: viewer.as === 'admin' ? request.readers : [],
})
