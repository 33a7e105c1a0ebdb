import { heldMailOfMessage } from '../../../ground/amavis/held-mail-between.ts'
import type { Directory } from '../../../ground/directory/directory.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { CodedError } from '../../../ground/errors.ts'
import { type Editor, reaches } from '../../../rules/reach/reach.ts'
import { asReader } from '../../../rules/reach/visitor.ts'
import { addItems, findItem, itemFrom, itemOf } from '../../../work/collect/items.ts'
import { findRelease } from '../../../work/release/claims.ts'
import {
  type ReleaseDeps,
  type ReleaseOutcome,
  releaseMessage,
} from '../../../work/release/release-message.ts'

export interface AdminReleaseDeps extends ReleaseDeps {
  readonly directory: Directory
}

/**
 * Releases as a click would, named by what an admin sees in amavisd's log. A message that no digest has listed yet is
 * made an item first, so that a later click on it finds it released.
 *
 * @returns the outcome, with amavisd's own words
 * @throws CodedError MESSAGE_GONE (also for a reader who is not in reach), POLICY_REFUSED
 */
export async function releaseByAdmin(
  deps: AdminReleaseDeps,
  request: {
    readonly mailId: string
    readonly recipient: string
    readonly by: Editor
    readonly again: boolean
  },
): Promise<ReleaseOutcome & { readonly reply: string | null }> {
  const wanted = readerAddress(request.recipient) ?? request.recipient
  const rows = await heldMailOfMessage(deps.storage, request.mailId)
  // Where local parts differ by case, the very spelling that the admin wrote wins.
  const row =
    rows.find(candidate => candidate.recipient === request.recipient) ??
    rows.find(candidate => (readerAddress(candidate.recipient) ?? candidate.recipient) === wanted)
  const reader = row && ((await deps.directory.readersOf([row.recipient])).get(row.recipient) ?? wanted)
  // Whoever looks after some domains shall not find out who else got a message, nor whose an alias is.
  if (!row || reader === undefined || !reaches(request.by.reach, reader)) {
    throw new CodedError(
      'MESSAGE_GONE',
      `amavisd has no message ${request.mailId} for ${request.recipient}. It names both in its log: "mail_id: …" and "-> <recipient>".`,
    )
  }
  const fresh = itemFrom(row, reader, deps.clock())
  await addItems(deps.state, [fresh])
  const item = (await findItem(deps.state, fresh.item_id)) ?? itemOf(fresh)
  const outcome = await releaseMessage(deps, item, {
    visitor: asReader(reader),
    actor: request.by.actor,
    confirmed: true,
    again: request.again,
  })
  const release = await findRelease(deps.state, item.itemId)
  return { ...outcome, reply: release?.reply ?? null }
}
