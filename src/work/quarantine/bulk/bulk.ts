import type { ErrorCode } from '../../../ground/errors.ts'
import type { HeldRef } from '../../collect/held-ref.ts'
import type { ReleaseOutcome } from '../../release/release-message.ts'
import type { DeletionOutcome } from '../delete-held.ts'
import type { HeldListRequest } from '../held-list.ts'

export interface BulkRequest {
  readonly act: BulkAct
  /** The ticked messages, or all that match a search: those received before its first page was made. */
  readonly of:
    | { readonly refs: readonly HeldRef[] }
    /** `at` in milliseconds since the epoch. */
    | { readonly search: HeldListRequest; readonly at: number }
  /** The second, explicit confirmation for content whose policy asks for one. Without it, such are left out. */
  readonly confirmed: boolean
  /** Whether a person pressed the page's button: that matters only for who came by a link, which machines follow too. */
  readonly pressed?: boolean
}

export type BulkAct = 'release' | 'delete'

/** At most so many messages at a time, each for one recipient. */
export const MOST_IN_BULK = 1000

export interface BulkProgress {
  readonly act: BulkAct
  readonly total: number
  readonly done: number
  readonly isOver: boolean
  /** Whether more messages matched than are in it. */
  readonly isCut: boolean
  /** Milliseconds since the epoch. */
  readonly begunAt: number
  /** In the order in which they are done. */
  readonly outcomes: readonly BulkOutcome[]
}

/** Strings come from a mail and are hostile. */
export interface BulkOutcome {
  readonly ref: HeldRef
  /** Empty for what is not there, or not the viewer's. */
  readonly recipient: string
  readonly subject: string
  /** What was queued becomes `released` or `failed` here once amavisd has answered. */
  readonly status: BulkStatus
  readonly code: ErrorCode | null
}

export type BulkStatus = RowEnd['status'] | 'waiting'

/** What became of one message. */
export interface RowEnd {
  /** `left-out`: it is released only on its own page, because it needs a confirmation. */
  readonly status: ReleaseOutcome['status'] | DeletionOutcome['status'] | 'left-out'
  readonly code: ErrorCode | null
}
