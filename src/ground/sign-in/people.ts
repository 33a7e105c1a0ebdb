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
  /** Finds the person to whom a link may be mailed, by an address as a stranger typed it. */
  find(address: string): Person | undefined | Promise<Person | undefined>
  /**
   * Finds a person again by the `address` of a `SignedIn`. It is called for each request of a session: a person who is no
   * longer found is signed out.
   *
   * @throws CodedError DIRECTORY_UNREACHABLE when nobody can tell now
   */
  still(address: string): Person | undefined | Promise<Person | undefined>
  /**
   * Finds the person whom a server vouches for by these addresses, as it writes them. Undefined unless all that lead to
   * anybody lead to one person.
   */
  vouchedFor(addresses: readonly string[]): Person | undefined | Promise<Person | undefined>
}

/** Whoever all of them are; undefined if nobody, or if they differ. */
export function onePerson<Person extends SignedIn>(
  found: readonly (Person | undefined)[],
): Person | undefined {
  const people = new Map(found.flatMap(person => (person ? [[person.address, person] as const] : [])))
  const [only] = people.values()
  return people.size === 1 ? only : undefined
}
