import type { SignInKind } from '../state/state-tables.ts'

/** Somebody who may sign in. */
export interface SignedIn {
  /** Also the kind of the actor in the audit. */
  readonly kind: SignInKind
  /** In the normal form of `readerAddress`. */
  readonly address: string
  /** Where the sign-in link goes to. */
  readonly mailTo: string
}

/** Everybody of one kind who may sign in. */
export interface People<Person extends SignedIn> {
  readonly kind: Person['kind']
  /**
   * Finds a person by an address, as a stranger typed it or as a `SignedIn` has it. It is called for each request of a
   * session: a person who is no longer found is signed out.
   */
  find(address: string): Person | undefined | Promise<Person | undefined>
}
