import type { Viewer } from '../../../rules/reach/viewer.ts'
import { heldIdOf } from '../../collect/item-id.ts'
import { type ListedMessage, MOST_RECIPIENTS } from '../held-list.ts'
import { listedHeldOf } from '../listed-held.ts'
import type { Line } from './gather.ts'
import type { Releases } from './sift.ts'

/** One line as a viewer sees it. */
export const listedMessage = (viewer: Viewer, line: Line, releases: Releases): ListedMessage => ({
  recipients: line
    .slice(0, MOST_RECIPIENTS)
    .map(candidate => listedHeldOf(viewer, candidate, releases.get(heldIdOf(candidate)))),
  hasMore: line.length > MOST_RECIPIENTS,
})
