import type { ListsOfOwner } from '../../ground/senders/sender-lists.ts'
import type { Viewer } from '../../rules/reach/viewer.ts'
import type { SenderEntry } from '../../rules/senders/sender-entry.ts'
import type { HeldRef } from '../../work/collect/held-ref.ts'
import { readLists, removeEntry } from '../../work/senders/change-lists.ts'
import type { EntryEffect } from '../../work/senders/effect-of.ts'
import {
  type HeldWish,
  offerOfHeld,
  removeEntryOfHeld,
  type SenderOffer,
  setEntryOfHeld,
} from '../../work/senders/held-sender.ts'
import { mayKeepLists, ownersOf } from '../../work/senders/keeper.ts'
import type { SenderDeps } from '../../work/senders/sender-deps.ts'
import { given } from '../given.ts'
import { effectForViewer, type SetEntry, setForViewer } from './entries-of-owner.ts'

export type { SenderCaution } from '../../work/senders/cautions-of.ts'
export type { EntryEffect } from '../../work/senders/effect-of.ts'
export type { SenderOffer } from '../../work/senders/held-sender.ts'
export type { SetEntry } from './entries-of-owner.ts'

/**
 * Who is always let through and who is always held. Owners are addresses (`alice@example.com`), for admins also domains
 * (`@example.com`) and everybody (`@.`). A reader's owners are the addresses that they read.
 */
export interface SenderDesk {
  /** Whether entries are written anywhere (`senders.kind`), and this viewer may have them written. */
  mayUse(viewer: Viewer): boolean
  /** The owners whose lists a reader keeps: what they read. */
  ownersOf(viewer: Viewer): Promise<readonly string[]>
  /** @throws CodedError OUT_OF_REACH, SENDERS_OFF, SENDERS_UNREACHABLE, SENDERS_REFUSED */
  lists(viewer: Viewer, owner: string): Promise<ListsOfOwner>
  /**
   * What can be offered beside the release of a message: its sender, whether its whole domain may be allowed, what speaks
   * against it, and how much else an entry would have let in.
   *
   * @throws CodedError HELD_UNKNOWN, OUT_OF_REACH, SENDERS_OFF
   */
  offer(viewer: Viewer, ref: HeldRef): Promise<SenderOffer>
  /** What an entry would have done to the mail of the last 30 days. @throws CodedError as `set` */
  effect(viewer: Viewer, owner: string, entry: SenderEntry): Promise<EntryEffect>
  /** @throws CodedError SENDER_INVALID, SENDERS_FULL, OUT_OF_REACH, SENDERS_OFF, SENDERS_UNREACHABLE, SENDERS_REFUSED */
  set(viewer: Viewer, owner: string, entry: SenderEntry): Promise<SetEntry>
  /**
   * The same for the sender and the recipient of a message. `pressed`: a person pressed the page's button, without which
   * nobody who came by a link changes a list.
   *
   * @throws CodedError as `set`; HELD_UNKNOWN, CONFIRMATION_REQUIRED
   */
  setOf(viewer: Viewer, ref: HeldRef, wish: HeldWish): Promise<SetEntry>
  /** Takes it back. @returns the entry that was there; undefined: there was none. @throws as `setOf` */
  removeOf(viewer: Viewer, ref: HeldRef, wish: Omit<HeldWish, 'list'>): Promise<string | undefined>
  /** @returns whether there was one. @throws as `set` */
  remove(viewer: Viewer, owner: string, sender: string): Promise<boolean>
}

export const senderDesk = (deps: SenderDeps): SenderDesk => ({
  mayUse: given(deps, mayKeepLists),
  ownersOf: given(deps, ownersOf),
  lists: given(deps, readLists),
  offer: given(deps, offerOfHeld),
  effect: given(deps, effectForViewer),
  set: given(deps, setForViewer),
  setOf: given(deps, setEntryOfHeld),
  removeOf: given(deps, removeEntryOfHeld),
  remove: given(deps, removeEntry),
})
