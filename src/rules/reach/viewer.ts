import type { Actor } from '../../ground/audit/record.ts'
import { CodedError } from '../../ground/errors.ts'
import type { Reach } from './reach.ts'
import type { Visitor } from './visitor.ts'

/** Somebody who looks into the quarantine. Its use-cases take a viewer, never a token, a cookie or a key. */
export type Viewer = ReaderViewer | AdminViewer

/** A visitor acting for a reader: they see what the directory says is that reader's. */
export interface ReaderViewer {
  readonly as: 'reader'
  readonly visitor: Visitor
  /** Who acts, as the audit knows them. */
  readonly actor: Actor
  /** A link to a digest or a message shows no more than what is named here (held ids); undefined: all of the reader's. */
  readonly only?: ReadonlySet<string> | undefined
  /** The help desk sees no more of the reader's mail than what was sent to these domains; undefined: all of it. */
  readonly within?: Reach
}

/** An admin, a program with a key of the API, or somebody on the command line. */
export interface AdminViewer {
  readonly as: 'admin'
  readonly actor: Actor
  readonly reach: Reach
  readonly may: readonly AdminPermission[]
}

export type AdminPermission =
  /** To see what is held, its facts and its text. */
  | 'read'
  /** To release and to delete. */
  | 'release'
  /** To get the whole message or an attachment as a file, its headers and its source. */
  | 'download'
  /** To open a message with a virus. */
  | 'virus'
  /** To see what readers have asked for, and to approve or refuse it. */
  | 'decide'
  /** To allow and block senders for the readers and domains in reach. */
  | 'senders'
  /** To tell the filter what was spam and what was not. */
  | 'learn'

/** Somebody who is not the reader, and sees what the reader sees. Their look is recorded, and marks nothing as read. */
export type HelpDeskViewer = ReaderViewer & { readonly visitor: { readonly by: 'helpDesk' } }

export const isHelpDesk = (viewer: Viewer): viewer is HelpDeskViewer =>
  viewer.as === 'reader' && viewer.visitor.by === 'helpDesk'

/** Whether somebody may do this in the quarantine at all, whichever message it is. */
export const mayInQuarantine = (viewer: Viewer, permission: AdminPermission): boolean =>
  (viewer.as === 'admin' ? viewer.may : viewer.visitor.may).some(own => own === permission)

/** @throws CodedError OUT_OF_REACH */
export function requireInQuarantine(viewer: Viewer, permission: AdminPermission): void {
  if (mayInQuarantine(viewer, permission)) return
  throw new CodedError('OUT_OF_REACH', 'You have no right to do that in the quarantine.')
}
