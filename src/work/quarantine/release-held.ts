import type { HeldRow } from '../../ground/amavis/quarantine/held-rows.ts'
import type { Viewer } from '../../rules/reach/viewer.ts'
import { asAdminFor } from '../../rules/reach/visitor.ts'
import { type ButtonDeps, needsButton, refuseWithoutButton } from '../clicks/press-button.ts'
import type { HeldRef } from '../collect/held-ref.ts'
import type { Item } from '../collect/items.ts'
import { type ItemsOfHeldDeps, itemForViewer } from '../collect/items-of-held.ts'
import { type ReleaseOutcome, releaseMessage } from '../release/release-message.ts'
import { type ReleaseOrAskDeps, releaseOrAsk } from '../requests/release-or-ask.ts'
import { oneHeldFor } from './held-for.ts'

export interface ReleaseHeldDeps extends ReleaseOrAskDeps, ItemsOfHeldDeps, ButtonDeps {}

export interface ReleaseRequest {
  /** The second, explicit confirmation for content whose policy asks for one: that who releases it has seen what it is. */
  readonly confirmed: boolean
  /** Release again, although a copy may already have been delivered. */
  readonly again: boolean
  /** Whether a person pressed the page's button: that matters only for who came by a link, which machines follow too. */
  readonly pressed?: boolean
  /** One of several, at which nobody has looked one by one: an admin is asked for it only if it is `confirmed`. */
  readonly amongSeveral?: boolean
}

/**
 * Releases any held message that the viewer may see, for one recipient, by the same claim as a link: whatever the doors
 * and however many at once, there is one copy. An admin also releases what was requested (`rs` = p). A reader asks an
 * admin for what the policy does not let readers release.
 *
 * @throws CodedError HELD_UNKNOWN, MESSAGE_GONE, POLICY_REFUSED, CONFIRMATION_REQUIRED, OUT_OF_REACH
 */
export async function releaseHeld(
  deps: ReleaseHeldDeps,
  viewer: Viewer,
  ref: HeldRef,
  { confirmed, again, pressed = false, amongSeveral }: ReleaseRequest,
): Promise<ReleaseOutcome> {
  const row = await oneHeldFor(deps, viewer, ref, 'release')
  const item = await itemForViewer(deps, viewer, row)
  if (!pressed) await requireButtonNotNeeded(deps, viewer, item, row)
  const { actor } = viewer
  if (viewer.as === 'admin')
    return releaseMessage(deps, item, { visitor: asAdminFor(item.reader), actor, confirmed, again })
  return releaseOrAsk(deps, item, { visitor: viewer.visitor, actor, confirmed, again, amongSeveral })
}

/** What is released already is answered all the same: that changes nothing. */
async function requireButtonNotNeeded(
  deps: ReleaseHeldDeps,
  viewer: Viewer,
  { itemId, reader, recipient, mailAt }: Item,
  { rs }: HeldRow,
): Promise<void> {
  if (viewer.as === 'admin' || rs === 'R') return
  if (!(await needsButton(deps, viewer.visitor, reader, mailAt))) return
  await refuseWithoutButton(deps, { actor: viewer.actor, action: 'release', itemId, recipient, reader })
}
