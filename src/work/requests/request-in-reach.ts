import { CodedError } from '../../ground/errors.ts'
import { reaches } from '../../rules/reach/reach.ts'
import { type AdminViewer, requireInQuarantine } from '../../rules/reach/viewer.ts'
import { findRequest, type RequestRow, type State } from './request-rows.ts'

/**
 * The request of this id, if an admin may decide about it: the recipient is within their domains.
 *
 * @throws CodedError OUT_OF_REACH for who decides nothing; REQUEST_UNKNOWN, the same for what is not there and what is
 * beyond their domains
 */
export async function requestInReach(state: State, viewer: AdminViewer, id: string): Promise<RequestRow> {
  requireInQuarantine(viewer, 'decide')
  const request = ID.test(id) ? await findRequest(state, id) : undefined
  if (request && reaches(viewer.reach, request.domain)) return request
  throw new CodedError(
    'REQUEST_UNKNOWN',
    'No such request waits for you. It may have been cleaned up: look at the list.',
  )
}

/** What `newId` makes. Databases compare other texts in ways of their own. */
const ID = /^[0-9a-v]{25}$/
