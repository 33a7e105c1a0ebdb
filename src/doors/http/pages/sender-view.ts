import type { SenderOffer } from '../../../desks/senders/sender-desk.ts'
import type { ErrorCode } from '../../../ground/errors.ts'
import type { SenderList } from '../../../rules/senders/sender-entry.ts'

/** What a page shows about the sender of a held message. */
export interface SenderPart {
  /** Undefined: nobody can tell now. */
  readonly offer: SenderOffer | undefined
  /** What the form that was just sent led to. */
  readonly said?: SenderSaid | undefined
  /** Whether the message can be released by the same button. */
  readonly releases: boolean
  /** Where the message can be deleted, for who has blocked its sender: a path as `url` takes it. */
  readonly deletePath?: string | undefined
  readonly lists?: SenderListsPage | undefined
}

/** The page with all lists of the visitor. */
export interface SenderListsPage {
  /** A path as `url` takes it. */
  readonly path: string
  /** The key of its link's words: readers see their own lists there, admins those of everybody. */
  readonly label: 'senders.toLists' | 'admin.senders.title'
}

/** What became of a wish about a sender. */
export type SenderSaid =
  | { readonly is: 'allowed' | 'blocked' | 'removed' }
  | { readonly is: 'failed'; readonly act: SenderAct; readonly code: ErrorCode }

/** What one of the buttons wants. */
export type SenderAct = SenderList | 'remove'
