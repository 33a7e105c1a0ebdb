/** The port that knows who reads the mail of an address. */
export interface Directory {
  /**
   * Asks about many addresses at once, with few statements however many they are.
   *
   * @param addresses in the form of `readerAddress`, each once
   * @returns an answer for each of them. Only a directory that remembers its answers leaves out an address: there is
   * no answer now, and nobody may conclude that nobody reads it
   * @throws CodedError DIRECTORY_UNREACHABLE, DIRECTORY_REFUSED when it cannot answer
   */
  find(addresses: readonly string[]): Promise<ReadonlyMap<string, Answer>>
}

/** Who reads the mail of one address. */
export interface Answer {
  /** In the order of their addresses; empty when nobody here reads it. */
  readonly readers: readonly DirectoryReader[]
  /** How the directory came to it, in the order in which it was found: for admins. */
  readonly by: readonly Step[]
}

/** A mailbox whose owner reads mail. */
export interface DirectoryReader {
  /** In the form of `readerAddress`. */
  readonly address: string
  /** Switched off: the owner gets no digests, and the messages wait. */
  readonly isOff: boolean
  /** BCP 47, as far as the directory knows. */
  readonly language?: string | undefined
  /** IANA, as far as the directory knows. */
  readonly timeZone?: string | undefined
  /** The owner's name, for admins. */
  readonly name?: string | undefined
  /** Whose customer the owner is, for admins. */
  readonly client?: string | undefined
}

/** One row of the directory that led from an address on. */
export interface Step {
  readonly is: StepKind
  /** The address that was looked up. */
  readonly from: string
  /** Where its mail goes; null when the way ends here without a reader. */
  readonly to: string | null
  /** The row in the directory's own terms, such as `mail_forwarding 12` or a distinguished name; null: no row. */
  readonly row: string | null
}

/** The words of these are `directory.step.*` in the locales. */
export type StepKind =
  /** It is a mailbox: its owner reads it. */
  | 'mailbox'
  /** A mailbox that is switched off, or whose domain is. */
  | 'off'
  | 'alias'
  | 'aliasdomain'
  | 'catchall'
  | 'forward'
  | 'cc'
  /** The part after the recipient delimiter is dropped. */
  | 'extension'
  /** An address of a domain that this server relays. */
  | 'relay'
  /** A mailing list: it has subscribers, no reader. */
  | 'list'
  /** An address elsewhere whose owner gets no digests, because the configuration does not allow it. */
  | 'outside'
  /** It leads back to an address that was looked up before. */
  | 'loop'
  /** More addresses or steps than are followed. */
  | 'too-many'
  /** No row has it. */
  | 'unknown'
