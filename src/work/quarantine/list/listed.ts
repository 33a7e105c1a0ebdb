import { SECOND } from '../../../ground/durations.ts'
import type { Viewer } from '../../../rules/reach/viewer.ts'
import { heldIdOf } from '../../collect/item-id.ts'
import type { ReleaseRow } from '../../release/claims.ts'
import { releasedBy } from '../../release/released-by.ts'
import { type ListedHeld, type ListedMessage, MOST_RECIPIENTS } from '../held-list.ts'
import { heldRefOf } from '../held-ref.ts'
import type { Candidate } from './candidates.ts'
import type { Line } from './gather.ts'
import { isUnread, listedState } from './listed-state.ts'
import type { Releases } from './sift.ts'

/** One line as a viewer sees it. */
export function listedMessage(viewer: Viewer, line: Line, releases: Releases): ListedMessage {
  return {
    recipients: line
      .slice(0, MOST_RECIPIENTS)
      .map(candidate => listedHeld(viewer, candidate, releases.get(heldIdOf(candidate)))),
    hasMore: line.length > MOST_RECIPIENTS,
  }
}

function listedHeld(viewer: Viewer, candidate: Candidate, release: ReleaseRow | undefined): ListedHeld {
  const state = listedState(candidate.rs, release) ?? 'held'
  return {
    ref: heldRefOf(candidate),
    heldId: heldIdOf(candidate),
    recipient: candidate.recipient,
    kind: candidate.kind,
    because: candidate.because,
    score: candidate.score,
    sender: candidate.sender,
    from: candidate.from,
    subject: candidate.subject,
    size: candidate.size,
    receivedAt: candidate.timeNum * SECOND,
    state,
    isRead: !isUnread(candidate.rs, state),
    releasedBy: state === 'released' ? releasedBy(release, readerOf(viewer)) : undefined,
  }
}

/** An admin is told of every reader. */
const readerOf = (viewer: Viewer): string => (viewer.as === 'reader' ? viewer.visitor.reader : '')
