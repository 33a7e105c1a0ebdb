/** What ISPConfig's tables have about one address, on the servers that its domain is on. */
export interface AddressRows {
  readonly domain: DomainRows
  /** Rows of `mail_forwarding` whose source is this address. */
  readonly forwards: readonly ForwardRow[]
  readonly mailbox: MailboxRow | undefined
  /** The row that lets this address's mail in, such as `mail_relay_recipient 3`. */
  readonly relay: string | undefined
}

/** What the tables have about a domain. */
export interface DomainRows {
  /** Whether one of the servers takes its mail: as the domain of mailboxes, or to pass it on to another server. */
  readonly isLocal: boolean
  readonly aliasDomain: ForwardRow | undefined
  readonly catchAll: readonly ForwardRow[]
  /** Its mailing lists, by the part before the at-sign; each with its row. */
  readonly lists: ReadonlyMap<string, string>
}

/** An active row of `mail_forwarding`. */
export interface ForwardRow {
  readonly is: 'alias' | 'forward' | 'aliasdomain' | 'catchall'
  readonly row: string
  readonly destinations: readonly string[]
}

/** A row of `mail_user`. */
export interface MailboxRow {
  readonly row: string
  /** Switched off, or its domain is. */
  readonly isOff: boolean
  /** All its mail goes to the addresses of `copies` and none is kept here. */
  readonly onlyCopies: boolean
  readonly copies: readonly string[]
  /** Whether Dovecot makes them, once the mail has come; otherwise Postfix does, where it looks the address up. */
  readonly copiedByDovecot: boolean
  readonly name: string
  /** `sys_group.groupid` of the client whose mailbox it is. */
  readonly group: number
}

/** A domain that none of the tables have. */
export const NO_DOMAIN: DomainRows = {
  isLocal: false,
  aliasDomain: undefined,
  catchAll: [],
  lists: new Map(),
}

/** An address that none of the tables have. */
export const noRows = (domain: DomainRows): AddressRows => ({
  domain,
  forwards: [],
  mailbox: undefined,
  relay: undefined,
})
