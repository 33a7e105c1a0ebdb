import { type Offer, offerToReader } from '../../../rules/policy/offer.ts'
import type { Policies } from '../../../rules/policy/policy.ts'
import { mayInQuarantine, type Viewer } from '../../../rules/reach/viewer.ts'
import type { ListedHeld } from '../../../work/quarantine/held-list.ts'

/** What a viewer may do with a message that is held or requested. Only an admin decides on what was requested. */
export function offerOf(
  { kind, state, recipient }: Pick<ListedHeld, 'kind' | 'state' | 'recipient'>,
  policies: Policies,
  viewer: Viewer,
): Offer {
  const isForAdmins = state === 'requested' && viewer.as === 'reader'
  if (isForAdmins || !mayInQuarantine(viewer, 'release')) return 'none'
  const offer = offerToReader({ kind, state: 'held', recipient }, policies)
  return offer === 'request' && viewer.as === 'admin' ? 'confirm' : offer
}
