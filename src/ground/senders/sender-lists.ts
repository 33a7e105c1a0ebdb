/**
 * The port of allow and block lists: where entries are written so that amavisd follows them at the next mail. An adapter
 * writes what it is told; which entries are allowed is decided above it.
 */
export interface SenderLists {
  /** The lists of an address: `alice@example.com`, `@example.com` or `@.`, in lower case and A-labels. @throws CodedError SENDERS_UNREACHABLE, SENDERS_REFUSED */
  read(owner: string): Promise<ListsOfOwner>
  /**
   * Allows or blocks a sender. An entry for the same sender is replaced, whatever it said.
   *
   * @throws CodedError SENDERS_UNREACHABLE, SENDERS_REFUSED with what to do
   */
  set(owner: string, entry: ListEntry): Promise<void>
  /** Takes entries for this sender out of both lists. @returns whether there was one. @throws as `set` */
  remove(owner: string, sender: string): Promise<boolean>
  /**
   * Asks for each right that reading and writing take, by statements that change no row.
   *
   * @throws as `set`
   */
  prove?(): Promise<void>
  /** What an ISPConfig says about itself; undefined: there is none. */
  readonly panel?: PanelFacts
}

/** @throws CodedError SENDERS_UNREACHABLE, SENDERS_REFUSED */
export interface PanelFacts {
  /** The mailboxes that inherit their policy, so that amavisd ignores their lists. @returns at most so many */
  inheriting(limit: number): Promise<readonly string[]>
  /** How many servers it has; undefined: it does not matter, because the panel tells them all. */
  servers?(): Promise<Servers>
}

export interface Servers {
  readonly all: number
  /** Those that take mail, mirrors included. */
  readonly mail: number
}

export interface ListEntry {
  /** `bob@example.com`, `@example.com`, `@.example.com`. */
  readonly sender: string
  readonly list: 'allow' | 'block'
}

export interface ListsOfOwner {
  readonly entries: readonly StoredEntry[]
  readonly standing: ListStanding
}

/** An entry as it is stored. Others may have written it, in any form. */
export interface StoredEntry extends ListEntry {
  /** Whether amavisd follows it: it is active, and has a form that matches. */
  readonly counts: boolean
  /**
   * Others may have written points, which amavisd adds to the score instead of deciding by the list: more than 0 is shown
   * as `block`, less as `allow`. 0: an exception from wider entries, shown as `allow`. Undefined: the list decides.
   */
  readonly points?: number
}

/**
 * `follows`: amavisd reads the lists of this address. `inherits`: the mailbox has no policy of its own in ISPConfig, so
 * that amavisd ignores its lists. `unknown`: the address has no settings there, so that no list can be kept for it.
 */
export type ListStanding = 'follows' | 'inherits' | 'unknown'
