import { httpStatusOf } from '../../../ground/errors.ts'
import type { HeldRef } from '../../../work/collect/held-ref.ts'
import { doSenderWish, type SenderWish } from '../pages/sender-wish.ts'
import { type MessageDeps, type MessageDone, ownPath, refOf, showOpened } from './message-show.ts'
import type { QuarantineVisit } from './quarantine-visit.ts'

/**
 * Allows or blocks the sender of a message, or takes that back.
 *
 * @param of one recipient of the message
 */
export async function changeSender(
  deps: MessageDeps,
  visit: QuarantineVisit,
  of: HeldRef,
  wish: SenderWish,
): Promise<void> {
  const said = await doSenderWish(deps.senders, visit.viewer, of, wish)
  // After a redirect, reloading the page does not send the form again.
  if (said.is !== 'failed') return visit.goTo(`${ownPath(visit, DONE[said.is])}#sender-part`)
  const opened = await deps.quarantine.open(visit.viewer, refOf(visit), { isLook: true })
  const status = wish.releases ? 200 : httpStatusOf(said.code)
  return showOpened(deps, visit, opened, { notice: { is: 'sender', said }, status })
}

const DONE = {
  allowed: 'sender-allowed',
  blocked: 'sender-blocked',
  removed: 'sender-removed',
} as const satisfies Record<string, MessageDone>
