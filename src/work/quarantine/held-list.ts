import type { ContentKind } from '../../ground/amavis/content.ts'
import type { HeldBecause } from '../../ground/amavis/held-because.ts'
import type { Order, Search } from '../../rules/search/search.ts'
import type { HeldRef } from '../collect/held-ref.ts'
import type { ReleasedBy } from '../release/released-by.ts'
import type { RequestSeen } from '../requests/requests-seen.ts'

/** What the contract calls the state of a held message for one recipient. */
export type ListedState = 'held' | 'released' | 'deleted' | 'requested'

/** A held message for one recipient, as lists show it. All strings come from a mail and are hostile. */
export interface ListedHeld {
  readonly ref: HeldRef
  /** The id under which it is released once: `heldIdOf`. */
  readonly heldId: string
  readonly recipient: string
  readonly kind: ContentKind
  readonly because: HeldBecause
  readonly score: number | null
  /** Envelope sender; empty for a bounce. */
  readonly sender: string
  /** The header's From. */
  readonly from: string
  readonly subject: string
  /** Octets. */
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
  readonly state: ListedState
  /** `rs` is V or v, or something was done with it. */
  readonly isRead: boolean
  /** It is deleted, and the viewer may take that back. */
  readonly mayRestore: boolean
  /** Who released it; undefined: not released, or another program did. */
  readonly releasedBy: ReleasedBy | undefined
  /** The last request for it; undefined: nobody has asked, or another program and just now. */
  readonly request: ListedRequest | undefined
}

export interface ListedRequest extends RequestSeen {
  readonly id: string
  /** Who asked. Empty where another program did, and for a reader who looks. */
  readonly readers: readonly string[]
}

/** A message and those of its recipients that the search found and the viewer may see. An admin's list has a row each. */
export interface ListedMessage {
  /** Never empty; at most `MOST_RECIPIENTS`. */
  readonly recipients: readonly ListedHeld[]
  /** Whether it has more recipients than are here. */
  readonly hasMore: boolean
}

export const MOST_RECIPIENTS = 100

export const PAGE_SIZES = [25, 50, 100] as const

export interface HeldListRequest {
  readonly search: Search
  readonly order: Order
  readonly direction: 'ascending' | 'descending'
  /** Lines. */
  readonly limit: number
  /** What becomes a line. Undefined: for an admin a message, for a reader a recipient. */
  readonly lineFor?: 'recipient' | undefined
  /** A cursor that a page gave as `next`, for the same search and order. */
  readonly after?: string | undefined
}

export interface HeldList {
  readonly messages: readonly ListedMessage[]
  /** Undefined: the window has no more. */
  readonly next: string | undefined
  /** What was looked through, in milliseconds since the epoch. */
  readonly window: { readonly from: number; readonly to: number }
  /**
   * A search in much mail stops after a while: nothing received before this was looked at, and `next` goes on from
   * there. Undefined: the whole window was looked through, or the page is full.
   */
  readonly lookedBackTo: number | undefined
  /**
   * For an order other than by date: only the newest messages of the window were put in order, because there are more, or
   * because it took long. The older ones follow, in an order of their own.
   */
  readonly isCut: boolean
}
