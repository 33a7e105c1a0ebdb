import type { Database } from '../../ground/database/database.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { requireInQuarantine, type Viewer } from '../../rules/reach/viewer.ts'
import { isMailId } from '../collect/held-ref.ts'
import { type HeldForDeps, visibleRows } from './held-for.ts'
import type { ListedHeld } from './held-list.ts'
import { listedHeld } from './listed-held.ts'

export interface HeldNamedDeps extends HeldForDeps {
  readonly state: Database<StateTables>
}

/** A message as amavisd's log names it. */
export interface HeldName {
  readonly mailId: string
  /** Undefined: in any partition. */
  readonly partitionTag?: number | undefined
  /** Undefined: all of them. */
  readonly recipient?: string | undefined
}

/**
 * The recipients of what somebody names by a mail id, as far as they may see them. Two partitions may have a message of
 * the same id. Where recipients differ only in the case of the local part, the one that is spelt as asked for is meant.
 *
 * @returns in the order of the partitions and of `rseqnum`; empty where there is none, or none is theirs
 * @throws CodedError OUT_OF_REACH
 */
export async function heldNamed(
  deps: HeldNamedDeps,
  viewer: Viewer,
  { mailId, partitionTag, recipient }: HeldName,
): Promise<readonly ListedHeld[]> {
  requireInQuarantine(viewer, 'read')
  if (!isMailId(mailId)) return []
  const rows = await visibleRows(deps, viewer, { partitionTag, mailId, rseqnum: undefined })
  return listedHeld(deps, viewer, recipient === undefined ? rows : forRecipient(rows, recipient))
}

function forRecipient<Row extends { readonly recipient: string }>(
  rows: readonly Row[],
  recipient: string,
): readonly Row[] {
  const compared = (address: string) => readerAddress(address) ?? address
  const same = rows.filter(row => row.recipient === recipient)
  return same.length > 0 ? same : rows.filter(row => compared(row.recipient) === compared(recipient))
}
