import type { Viewer } from '../../rules/reach/viewer.ts'
import type { HeldList, HeldListRequest } from '../../work/quarantine/held-list.ts'
import type { HeldRef } from '../../work/quarantine/held-ref.ts'
import type { OpenedHeld } from '../../work/reading/opened-held.ts'
import type { ReleaseOutcome } from '../../work/release/release-message.ts'

/**
 * What readers and admins do in the quarantine. Each verb takes a viewer, however they came in. What is not theirs does
 * not exist for them: HELD_UNKNOWN.
 */
export interface QuarantineDesk {
  /** @throws CodedError REQUEST_INVALID */
  list(viewer: Viewer, request: HeldListRequest): Promise<HeldList>
  /** By day and kind, what was held for a reader, or within an admin's reach. */
  summary(viewer: Viewer, request: SummaryRequest): Promise<Summary>
  /** Opens a message to read it. For a reader it then counts as read. @throws CodedError HELD_UNKNOWN */
  open(viewer: Viewer, ref: HeldRef): Promise<OpenedHeld>
  /** The message's HTML, sanitised: to be sent under the policy of `desks/quarantine`. @throws CodedError HELD_UNKNOWN */
  html(viewer: Viewer, ref: HeldRef): Promise<string>
  /** Its headers. @throws CodedError HELD_UNKNOWN, OUT_OF_REACH */
  headers(viewer: Viewer, ref: HeldRef): Promise<string>
  /** The whole message, without the head that the quarantine put on it for readers. @throws CodedError HELD_UNKNOWN, OUT_OF_REACH */
  source(viewer: Viewer, ref: HeldRef): Promise<Buffer>
  /** @throws CodedError HELD_UNKNOWN, OUT_OF_REACH */
  attachment(viewer: Viewer, ref: HeldRef, index: number): Promise<DownloadedAttachment>
  /** Asks amavisd to release it for one recipient, as the reader's link does. @throws CodedError HELD_UNKNOWN */
  release(viewer: Viewer, ref: HeldRef, request: ReleaseRequest): Promise<ReleaseOutcome>
  /**
   * What has become of the release of a message, for a page that waits for it: by the reference of each recipient that
   * the viewer may see. @throws CodedError HELD_UNKNOWN
   */
  releaseStates(viewer: Viewer, ref: HeldRef): Promise<ReadonlyMap<HeldRef, LiveState>>
  /** Deletes it for one recipient (`rs` = D), until the purge takes it. @throws CodedError HELD_UNKNOWN */
  remove(viewer: Viewer, ref: HeldRef): Promise<Removed>
  /** Takes a deletion back. @throws CodedError HELD_UNKNOWN */
  restore(viewer: Viewer, ref: HeldRef): Promise<Removed>
  /** Begins to release or delete several, and returns the id under which their progress is seen. */
  beginBulk(viewer: Viewer, request: BulkRequest): Promise<string>
  /** @throws CodedError HELD_UNKNOWN */
  bulk(viewer: Viewer, id: string): Promise<BulkProgress>
}

export interface SummaryRequest {
  readonly days: number
  /** In which days begin. */
  readonly timeZone: string
}

/** One line for each day, newest first; the number of messages of each kind. */
export interface Summary {
  readonly days: readonly { readonly day: string; readonly counts: Readonly<Record<string, number>> }[]
}

export interface DownloadedAttachment {
  readonly name: string
  readonly content: Buffer
}

export interface ReleaseRequest {
  /** The second, explicit confirmation for content whose policy asks for one. */
  readonly confirmed: boolean
  /** Release again, although a copy may already have been delivered. */
  readonly again: boolean
  /** Whether a person pressed the page's button: that matters only for who came by a link, which machines follow too. */
  readonly pressed?: boolean
}

export interface LiveState {
  readonly is: 'held' | 'queued' | 'releasing' | 'released' | 'failed' | 'uncertain' | 'deleted'
  /** The next MTA's answer, for admins. */
  readonly reply: string | undefined
}

export interface Removed {
  readonly status: 'deleted' | 'restored' | 'already-released' | 'being-released'
}

export interface BulkRequest {
  readonly act: 'release' | 'delete'
  /** The ticked messages, or all that match a search: those that matched when its first page was made. */
  readonly of:
    | { readonly refs: readonly HeldRef[] }
    | { readonly search: HeldListRequest; readonly at: number }
  readonly confirmed: boolean
}

/** At most so many messages at a time. */
export const MOST_IN_BULK = 1000

export interface BulkProgress {
  readonly act: 'release' | 'delete'
  readonly total: number
  readonly done: number
  readonly isOver: boolean
  readonly outcomes: readonly BulkOutcome[]
}

export interface BulkOutcome {
  readonly ref: HeldRef
  readonly recipient: string
  readonly subject: string
  readonly status: ReleaseOutcome['status'] | Removed['status'] | 'left-out' | 'waiting'
  readonly code: string | null
}
