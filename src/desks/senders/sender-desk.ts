import type { ListsOfOwner } from '../../ground/senders/sender-lists.ts'
import type { Viewer } from '../../rules/reach/viewer.ts'
import type { SenderEntry, SenderList } from '../../rules/senders/sender-entry.ts'
import type { HeldRef } from '../../work/collect/held-ref.ts'

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
   * @throws CodedError HELD_UNKNOWN
   */
  offer(viewer: Viewer, ref: HeldRef): Promise<SenderOffer>
  /** What an entry would have done to the mail of the last 30 days. */
  effect(viewer: Viewer, owner: string, entry: SenderEntry): Promise<EntryEffect>
  /** @throws CodedError SENDER_INVALID, OUT_OF_REACH, SENDERS_OFF, SENDERS_UNREACHABLE, SENDERS_REFUSED */
  set(viewer: Viewer, owner: string, entry: SenderEntry): Promise<SetEntry>
  /** The same for the sender and the recipient of a message. */
  setOf(
    viewer: Viewer,
    ref: HeldRef,
    wish: { readonly list: SenderList; readonly wide: boolean },
  ): Promise<SetEntry>
  /** @returns whether there was one. @throws as `set` */
  remove(viewer: Viewer, owner: string, sender: string): Promise<boolean>
}

export interface SenderOffer {
  /** The entry for the address; undefined: the message has no sender of whom an entry can be made. */
  readonly address: string | undefined
  /** The entry for its domain (`@example.com`); undefined: it is freemail, or the owner's own. */
  readonly domain: string | undefined
  readonly owner: string
  /** What is there now for this sender. */
  readonly present: SenderList | undefined
  /** What speaks against allowing it. */
  readonly cautions: readonly SenderCaution[]
  readonly effect: EntryEffect
}

/**
 * `authentication`: the message failed SPF, DKIM or DMARC. `forgeable`: an allowed address also lets in who writes it
 * into the From field. `ignored`: amavisd ignores the lists of this mailbox. `not-spam`: lists skip the spam check only,
 * and this message was held for another reason.
 */
export type SenderCaution = 'authentication' | 'forgeable' | 'ignored' | 'not-spam'

export interface EntryEffect {
  /** Messages of the last 30 days, held as spam, that it would have let through; for a block: that came from there. */
  readonly count: number
  /** There may be more: looking stopped. */
  readonly isAtLeast: boolean
}

/** An entry that was written. */
export interface SetEntry {
  readonly owner: string
  readonly entry: SenderEntry
  /** What was there before. */
  readonly former: SenderList | undefined
  readonly cautions: readonly SenderCaution[]
}
