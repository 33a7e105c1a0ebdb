import { CodedError } from '../../ground/errors.ts'

/** What a visit opens to a visitor. */
export type Permission =
  /** To see what is held for the reader. */
  | 'read'
  /** To free held messages. */
  | 'release'
  /** To change what is harmless of the reader's settings, and to ask for the rest. */
  | 'settings'
  /** To let the digests go elsewhere: for whoever gets the mail that asks about it. */
  | 'destination'

/** Somebody who acts for a reader, however they came in. Use-cases take a visitor, never a token or a cookie. */
export interface Visitor {
  readonly reader: string
  readonly by: 'link' | 'session'
  readonly may: readonly Permission[]
}

/** A visitor who may do all that a reader may: somebody who has signed in, or an admin in the reader's stead. */
export const asReader = (reader: string): Visitor => ({
  reader,
  by: 'session',
  may: ['read', 'release', 'settings', 'destination'],
})

/**
 * Checks that a visit opens this to its visitor, and that what it is about is the visitor's own.
 *
 * @param owner the reader of the message, digest or request
 * @throws CodedError OUT_OF_REACH
 */
export function requireVisit(visitor: Visitor, permission: Permission, owner = visitor.reader): void {
  if (visitor.reader === owner && visitor.may.includes(permission)) return
  throw new CodedError(
    'OUT_OF_REACH',
    'This link does not open that. Use the link of the mail that is about it.',
  )
}
