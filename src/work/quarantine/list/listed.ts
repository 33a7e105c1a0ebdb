import type { Viewer } from '../../../rules/reach/viewer.ts'
import { type ListedMessage, MOST_RECIPIENTS } from '../held-list.ts'
import { type Known, listedHeldOf } from '../listed-held.ts'
import type { Line } from './gather.ts'

/** One line as a viewer sees it. */
export const listedMessage = (viewer: Viewer, line: Line, known: Known): ListedMessage => ({
  recipients: line.slice(0, MOST_RECIPIENTS).map(candidate => listedHeldOf(viewer, candidate, known)),
  hasMore: line.length > MOST_RECIPIENTS,
})
