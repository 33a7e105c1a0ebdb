import type { Viewer } from '../../rules/reach/viewer.ts'
import { requireSensible } from '../../rules/senders/require-sensible.ts'
import type { SenderEntry, SenderList } from '../../rules/senders/sender-entry.ts'
import { senderPattern } from '../../rules/senders/sender-pattern.ts'
import { cautionsOf, type SenderCaution } from '../../work/senders/cautions-of.ts'
import { setEntry } from '../../work/senders/change-lists.ts'
import { type EntryEffect, effectOf } from '../../work/senders/effect-of.ts'
import { requireLists, requireOwner } from '../../work/senders/keeper.ts'
import type { SenderDeps } from '../../work/senders/sender-deps.ts'

/** An entry that was written. */
export interface SetEntry {
  readonly owner: string
  readonly entry: SenderEntry
  /** What was there before. */
  readonly former: SenderList | undefined
  readonly cautions: readonly SenderCaution[]
}

/** What an entry would have done, for who may make it. @throws CodedError SENDER_INVALID, OUT_OF_REACH, SENDERS_OFF */
export async function effectForViewer(
  deps: SenderDeps,
  viewer: Viewer,
  owner: string,
  { sender, list }: SenderEntry,
): Promise<EntryEffect> {
  requireLists(deps, viewer)
  const kept = await requireOwner(deps, viewer, owner)
  const entry = { sender: senderPattern(sender), list }
  requireSensible(kept, entry, deps.ownDomains)
  return effectOf(deps, kept, entry.sender)
}

/** Makes an entry, and says what speaks against it. @throws CodedError as `setEntry` */
export async function setForViewer(
  deps: SenderDeps,
  viewer: Viewer,
  owner: string,
  entry: SenderEntry,
): Promise<SetEntry> {
  const { standing, ...written } = await setEntry(deps, viewer, owner, entry)
  return { ...written, cautions: cautionsOf({ list: entry.list, standing }) }
}
