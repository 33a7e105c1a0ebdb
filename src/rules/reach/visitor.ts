import type { Actor, ByCopy } from '../../ground/audit/record.ts'
import { CodedError } from '../../ground/errors.ts'

/** What a visitor is allowed to do. */
export type Permission =
  /** To see what is held for the reader. */
  | 'read'
  /** To release held messages. */
  | 'release'
  /** To change the harmless ones of the reader's settings, and to request changes of the others. */
  | 'settings'
  /** To confirm another destination for the digests: given only by the link in the confirmation mail. */
  | 'destination'
  /** To have a digest sent to where the reader's digests go: all that a link gives that has expired. */
  | 'digest'
  /** To allow and block senders; by a link, only the sender of the message that it is about. */
  | 'senders'
  /** To tell the filter what was spam and what was not. */
  | 'learn'
  /** To decide what a reader could only ask for. */
  | 'decide'
  /** To release a virus of which two admins have approved. */
  | 'approved'

/** A person acting for a reader, however they came in. Use-cases take a visitor, never a token or a cookie. */
export interface Visitor {
  readonly reader: string
  /** `helpDesk`: somebody who is not the reader sees what the reader would see. */
  readonly by: 'link' | 'session' | 'helpDesk'
  readonly may: readonly Permission[]
  /** The copy of the reader's digest by whose link they came; undefined: not by a copy. */
  readonly byCopy?: ByCopy | undefined
}

/** The visitor as the audit knows them: always the reader for whom they act, and the copy by which they do. */
export const actorOf = ({ reader, byCopy }: Visitor, remoteAddress: string | null): Actor => ({
  kind: 'reader',
  name: reader,
  remoteAddress,
  ...(byCopy && { byCopy }),
})

/** A visitor who may do everything a reader may: a reader who has signed in. */
export const asReader = (reader: string): Visitor => ({
  reader,
  by: 'session',
  may: ['read', 'release', 'settings', 'destination', 'digest', 'senders', 'learn'],
})

/** Somebody who sees what a reader sees, and may do some of what the reader may. */
export const asHelpDesk = (
  reader: string,
  may: readonly Permission[],
): Visitor & { readonly by: 'helpDesk' } => ({ reader, by: 'helpDesk', may })

/** An admin acting for a reader: as the reader, and without having to ask anybody. */
export const asAdminFor = (reader: string): Visitor => {
  const visitor = asReader(reader)
  return { ...visitor, may: [...visitor.may, 'decide'] }
}

/** An admin acting for a reader whose request is approved of; where it takes two admins, by both. */
export const asApprovedFor = (reader: string): Visitor => {
  const visitor = asAdminFor(reader)
  return { ...visitor, may: [...visitor.may, 'approved'] }
}

/**
 * Checks that the visitor has a permission, and that what they ask for belongs to their reader.
 *
 * @param owner the reader of the message, digest or request
 * @throws CodedError OUT_OF_REACH
 */
export function requirePermission(visitor: Visitor, permission: Permission, owner = visitor.reader): void {
  if (visitor.reader === owner && visitor.may.includes(permission)) return
  throw new CodedError('OUT_OF_REACH', 'This link does not allow that. Use the link in the mail about it.')
}
