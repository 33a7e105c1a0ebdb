import { type Offer, offerFor, offerToReader } from '../../../rules/policy/offer.ts'
import type { Policies } from '../../../rules/policy/policy.ts'
import { isHelpDesk, mayInQuarantine, type Viewer } from '../../../rules/reach/viewer.ts'
import type { ListedHeld } from '../../../work/quarantine/held-list.ts'

/**
 * What a viewer may do with a message that is held or requested. Only an admin decides on what was requested; a reader
 * who has not asked for it may join those who have. What an admin has refused cannot be asked for again; where the
 * policy has changed since, its reader may release it without asking. The help desk asks for nothing.
 */
export function offerOf(
  { kind, state, recipient, request }: Pick<ListedHeld, 'kind' | 'state' | 'recipient' | 'request'>,
  policies: Policies,
  viewer: Viewer,
): Offer {
  if (!mayInQuarantine(viewer, 'release')) return 'none'
  const message = { kind, state: 'held', recipient } as const
  if (viewer.as === 'admin') return offerFor(message, policies, ADMIN)
  const offer = offerToReader(message, policies)
  if (offer === 'request' && (request?.state === 'refused' || isHelpDesk(viewer))) return 'none'
  if (state !== 'requested') return offer
  // Where nobody has decided in time, it may be asked for again.
  const isOwn = request?.state === 'waiting' && request.askedByThisReader
  return offer === 'request' && !isOwn ? 'request' : 'none'
}

const ADMIN = { may: ['release', 'decide'], by: 'session' } as const
