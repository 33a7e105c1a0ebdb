import { findHeldMail, type HeldMail, heldMailKeyOf } from '../../ground/amavis/held-mail.ts'
import { CodedError } from '../../ground/errors.ts'
import { type Asker, offerFor } from '../../rules/policy/offer.ts'
import type { Policies } from '../../rules/policy/policy.ts'
import type { Visitor } from '../../rules/reach/visitor.ts'
import type { Item } from '../collect/items.ts'
import { findRelease, type ReleaseRow } from '../release/claims.ts'
import {
  type ReleaseDeps,
  type ReleaseMessageRequest,
  type ReleaseOutcome,
  releaseMessage,
  type SeenMessage,
} from '../release/release-message.ts'
import { type AskForReleaseDeps, askForRelease } from './ask-for-release.ts'

export interface ReleaseOrAskDeps extends ReleaseDeps, AskForReleaseDeps {}

export interface ReleaseOrAskRequest extends ReleaseMessageRequest {
  /** One of several, at which nobody has looked one by one: an admin is asked for it only if it is `confirmed`. */
  readonly amongSeveral?: boolean | undefined
}

/**
 * Releases a message or, where the policy lets its reader only ask, asks an admin for it.
 *
 * @throws CodedError as `releaseMessage` and `askForRelease` do
 */
export async function releaseOrAsk(
  deps: ReleaseOrAskDeps,
  item: Item,
  { amongSeveral = false, ...request }: ReleaseOrAskRequest,
  known?: SeenMessage,
): Promise<ReleaseOutcome> {
  const seen = known ?? (await look(deps, item))
  if (!isAskedFor(deps.policies, request.visitor, seen)) return releaseMessage(deps, item, request, seen)
  if (amongSeveral && !request.confirmed) throw new CodedError('CONFIRMATION_REQUIRED', LOOK_FIRST)
  const asked = await askForRelease(deps, item, request)
  return asked.status === 'refused'
    ? { status: 'failed', code: 'POLICY_REFUSED' }
    : { status: asked.status, code: null }
}

const LOOK_FIRST = 'An admin is asked for a message only by who has looked at it: open its own page.'

/** One after the other: where amavis's row says that we released it, our row is there. */
async function look({ storage, state }: ReleaseOrAskDeps, item: Item): Promise<SeenMessage> {
  const mail = (await findHeldMail(storage, [item])).get(heldMailKeyOf(item))
  return { mail, release: await findRelease(state, item.heldId) }
}

function isAskedFor(policies: Policies, visitor: Visitor, { mail, release }: SeenMessage): boolean {
  return mail !== undefined && !isGranted(release) && mayAskFor(mail, policies, visitor)
}

/** Whether it is released, or about to be: then that is the answer. */
const isGranted = (release: ReleaseRow | undefined): boolean =>
  release !== undefined && release.state !== 'failed' && release.state !== 'uncertain'

/** Whether a visitor may ask for a message or, where it was asked for (`rs` = p), join those who have. */
export const mayAskFor = (
  mail: Pick<HeldMail, 'state' | 'kind' | 'recipient'>,
  policies: Policies,
  visitor: Asker,
): boolean =>
  (mail.state === 'held' || mail.state === 'pending') &&
  offerFor({ ...mail, state: 'held' }, policies, visitor) === 'request'
