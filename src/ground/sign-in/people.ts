import type { SignInKind } from '../state/state-tables.ts'

/** Somebody who may sign in. */
export interface SignedIn {
  /** Also the kind of the actor in the audit. */
  readonly kind: SignInKind
  /** In the one form in which addresses are compared. */
  readonly address: string
  /** Where the sign-in link goes to. */
  readonly mailTo: string
}

/** Everybody of one kind who may sign in. */
export interface People<Person extends SignedIn> {
  readonly kind: Person['kind']
  /**
   * Finds somebody by an address as a stranger typed it, or as a `SignedIn` has it. This is asked for each request of a
   * session: somebody who is not found any more is signed out.
   */
  find(address: string): Person | undefined | Promise<Person | undefined>
}
