import type { AdminViewer, Viewer } from '../../rules/reach/viewer.ts'
import type { HeldRef } from '../../work/collect/held-ref.ts'
import { type BeginBulkDeps, beginBulk } from '../../work/quarantine/bulk/begin-bulk.ts'
import type { BulkProgress, BulkRequest } from '../../work/quarantine/bulk/bulk.ts'
import { bulkProgress } from '../../work/quarantine/bulk/bulk-progress.ts'
import {
  type DeleteHeldDeps,
  type DeletionOutcome,
  deleteHeld,
  restoreHeld,
} from '../../work/quarantine/delete-held.ts'
import type { HeldList, HeldListRequest, ListedHeld } from '../../work/quarantine/held-list.ts'
import { type HeldName, heldNamed } from '../../work/quarantine/held-named.ts'
import { heldReaders } from '../../work/quarantine/held-readers.ts'
import { type ListHeldDeps, listHeld } from '../../work/quarantine/list/list-held.ts'
import { type Summary, type SummaryRequest, summaryOf } from '../../work/quarantine/list/summary-of.ts'
import { type ReleaseHeldDeps, type ReleaseRequest, releaseHeld } from '../../work/quarantine/release-held.ts'
import { type LiveState, releaseStates } from '../../work/quarantine/release-state.ts'
import { attachmentOf, headersOf, htmlOf, sourceOf } from '../../work/reading/files-of-held.ts'
import type { ReadingDeps } from '../../work/reading/held-octets.ts'
import { openHeld } from '../../work/reading/open-held.ts'
import type { OpenedHeld } from '../../work/reading/opened-held.ts'
import type { ReleaseOutcome } from '../../work/release/release-message.ts'
import { given } from '../given.ts'

/**
 * What readers and admins do in the quarantine. Each verb takes a viewer, however they came in. What is not theirs does
 * not exist for them: HELD_UNKNOWN.
 */
export interface QuarantineDesk {
  /** One page of what a search finds. @throws CodedError REQUEST_INVALID */
  list(viewer: Viewer, request: HeldListRequest): Promise<HeldList>
  /** What is named by a mail id. Empty where there is none, or none is theirs. @throws CodedError OUT_OF_REACH */
  named(viewer: Viewer, name: HeldName): Promise<readonly ListedHeld[]>
  /** Who gets digests about the mail of recipients, by recipient. */
  readersOf(
    viewer: AdminViewer,
    recipients: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>>
  /** By day and kind, what was held for a reader, or within an admin's reach. */
  summary(viewer: Viewer, request: SummaryRequest): Promise<Summary>
  /**
   * Opens a message to read it. For a reader it then counts as read, if it was a look (`isLook`) of theirs.
   *
   * @throws CodedError HELD_UNKNOWN
   */
  open(viewer: Viewer, ref: HeldRef, request: { readonly isLook: boolean }): Promise<OpenedHeld>
  /**
   * The message's HTML as a document that loads and does nothing. Send it under a policy that says the same.
   *
   * @throws CodedError HELD_UNKNOWN, MESSAGE_GONE, OUT_OF_REACH for a virus
   */
  html(viewer: Viewer, ref: HeldRef): Promise<string>
  /** Its headers. @throws CodedError HELD_UNKNOWN, OUT_OF_REACH */
  headers(viewer: Viewer, ref: HeldRef): Promise<string>
  /** The whole message as its sender sent it, without amavisd's head. @throws CodedError HELD_UNKNOWN, OUT_OF_REACH */
  source(viewer: Viewer, ref: HeldRef): Promise<Buffer>
  /** @param index its place among the attachments, from 0. @throws CodedError HELD_UNKNOWN, OUT_OF_REACH */
  attachment(viewer: Viewer, ref: HeldRef, index: number): Promise<DownloadedAttachment>
  /** Asks amavisd to release it for one recipient, as the reader's link does. @throws CodedError HELD_UNKNOWN */
  release(viewer: Viewer, ref: HeldRef, request: ReleaseRequest): Promise<ReleaseOutcome>
  /**
   * What has become of the release of a message, for a page that waits for it: by the reference of each recipient that
   * the viewer may see. @throws CodedError HELD_UNKNOWN
   */
  releaseStates(viewer: Viewer, ref: HeldRef): Promise<ReadonlyMap<HeldRef, LiveState>>
  /** Deletes it for one recipient (`rs` = D), until the purge takes it. @throws CodedError HELD_UNKNOWN */
  delete(viewer: Viewer, ref: HeldRef): Promise<DeletionOutcome>
  /** Takes a deletion back. @throws CodedError HELD_UNKNOWN */
  restore(viewer: Viewer, ref: HeldRef): Promise<DeletionOutcome>
  /** Begins to release or delete several, and returns the id under which their progress is seen. */
  beginBulk(viewer: Viewer, request: BulkRequest): Promise<string>
  /** How far it is, and what became of each message so far. @throws CodedError HELD_UNKNOWN */
  bulk(viewer: Viewer, id: string): Promise<BulkProgress>
}

export type QuarantineDeskDeps = ListHeldDeps &
  ReadingDeps &
  ReleaseHeldDeps &
  DeleteHeldDeps &
  Omit<BeginBulkDeps, 'listHeld'>

export const quarantineDesk = (deps: QuarantineDeskDeps): QuarantineDesk => ({
  list: given(deps, listHeld),
  named: given(deps, heldNamed),
  readersOf: given(deps, heldReaders),
  summary: given(deps, summaryOf),
  open: given(deps, openHeld),
  html: given(deps, htmlOf),
  headers: given(deps, headersOf),
  source: given(deps, sourceOf),
  attachment: given(deps, attachmentOf),
  release: given(deps, releaseHeld),
  releaseStates: given(deps, releaseStates),
  delete: given(deps, deleteHeld),
  restore: given(deps, restoreHeld),
  beginBulk: given({ ...deps, listHeld: given(deps, listHeld) }, beginBulk),
  bulk: given(deps, bulkProgress),
})

export interface DownloadedAttachment {
  readonly name: string
  readonly content: Buffer
}
