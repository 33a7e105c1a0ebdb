import { type HeldMailRow, heldMailOfMessage } from '../../../ground/amavis/held-mail-between.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { Editor } from '../../../rules/reach/reach.ts'
import { asAdminFor } from '../../../rules/reach/visitor.ts'
import { addItems, findItem, itemFrom, itemOf } from '../../../work/collect/items.ts'
import { findRelease } from '../../../work/release/claims.ts'
import {
  type ReleaseDeps,
  type ReleaseOutcome,
  releaseMessage,
} from '../../../work/release/release-message.ts'
import { type ReadersDeps, readerInReach } from '../reach/readers-in-reach.ts'

export type AdminReleaseDeps = ReleaseDeps & ReadersDeps

/**
 * Releases a message as a click would. The admin names it by what amavisd's log shows. An admin of some domains may
 * release any message that the directory gives to a reader there, whatever the recipient's own domain is. A message
 * that no digest has listed yet becomes an item first, so that a later click on its link finds it released. It is released
 * for one of the readers in reach; the links of the others find it released, too.
 *
 * @returns the outcome, with amavisd's reply
 * @throws CodedError MESSAGE_GONE, POLICY_REFUSED, OUT_OF_REACH
 */
export async function releaseByAdmin(
  deps: AdminReleaseDeps,
  request: {
    readonly mailId: string
    readonly recipient: string
    readonly by: Editor
    readonly again: boolean
  },
): Promise<Omit<ReleaseOutcome, 'releasedBy'> & { readonly reply: string | null }> {
  const row = await rowFor(deps, request)
  const reader = await readerInReach(deps, request.by.reach, row?.recipient ?? request.recipient)
  if (!row || reader === undefined) {
    throw new CodedError(
      'MESSAGE_GONE',
      `amavisd has no message ${request.mailId} for ${request.recipient}. ${WHERE_IN_LOG}`,
    )
  }
  const fresh = itemFrom(row, reader, deps.clock())
  await addItems(deps.state, [fresh])
  const item = (await findItem(deps.state, fresh.item_id)) ?? itemOf(fresh)
  const outcome = await releaseMessage(deps, item, {
    visitor: asAdminFor(reader),
    actor: request.by.actor,
    confirmed: true,
    again: request.again,
  })
  const release = await findRelease(deps.state, item.heldId)
  return { status: outcome.status, code: outcome.code, reply: release?.reply ?? null }
}

const WHERE_IN_LOG = 'It names both in its log: "mail_id: …" and "-> <recipient>".'

/** Where recipients differ only in the case of the local part, the one that is spelt as the admin wrote it wins. */
async function rowFor(
  { storage }: AdminReleaseDeps,
  { mailId, recipient }: { readonly mailId: string; readonly recipient: string },
): Promise<HeldMailRow | undefined> {
  const compared = (address: string) => readerAddress(address) ?? address
  const rows = await heldMailOfMessage(storage, mailId)
  return (
    rows.find(row => row.recipient === recipient) ??
    rows.find(row => compared(row.recipient) === compared(recipient))
  )
}
