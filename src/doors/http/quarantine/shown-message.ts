import type { LearningOffer } from '../../../desks/learning/learning-desk.ts'
import type { ErrorCode } from '../../../ground/errors.ts'
import type { Policies } from '../../../rules/policy/policy.ts'
import type { Viewer } from '../../../rules/reach/viewer.ts'
import type { HeldRef } from '../../../work/collect/held-ref.ts'
import type { OpenedHeld } from '../../../work/reading/opened-held.ts'
import type { SenderPart, SenderSaid } from '../pages/sender-view.ts'
import type { ReleaseStates } from './message-states.ts'

/** A held message with all that its page shows. */
export interface ShownMessage {
  /** As the request names it. */
  readonly ref: HeldRef
  readonly states: ReleaseStates
  /** What the filter can be told of each recipient's. */
  readonly lessons: ReadonlyMap<HeldRef, LearningOffer>
  readonly policies: Policies
  readonly opened: OpenedHeld
  readonly viewer: Viewer
  /** The path of the list from which it is opened: `/mail`, `/admin/held`. */
  readonly root: string
  /** Where the link back leads: that path, perhaps with a query. */
  readonly back: string
  /** The path of its own page, with its place in the list. */
  readonly own: string
  /** Its place in the list; empty: its beginning. */
  readonly place: string
  readonly framesHtml: boolean
  readonly seesHeaders: boolean
  /** Something is on its way: the page looks again. */
  readonly waits: boolean
  readonly notice: MessageNotice | undefined
  readonly senders: SenderPart | undefined
}

/** What the form that was just sent led to. */
export type MessageNotice =
  | { readonly is: 'deleted' | 'restored' | 'not-restored' | 'being-released' | 'learnt' }
  /** The release was refused, or has to be confirmed: for one recipient, or for all that the viewer may see. */
  | { readonly is: 'failed'; readonly code: ErrorCode; readonly of: HeldRef | 'all' }
  /** About the sender: said in that part of the page. */
  | { readonly is: 'sender'; readonly said: SenderSaid }
