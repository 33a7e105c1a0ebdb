import { isThisMachine } from '../../network/this-machine.ts'

/** How to ask a directory server: the options `directory.*` of kind ldap. */
export interface LdapSettings {
  /** `ldap://host:port` or `ldaps://host:port`. */
  readonly url: string
  /** The distinguished name below which entries are searched. */
  readonly base: string
  /** The account that searches; undefined: none. */
  readonly bindDn?: string | undefined
  readonly password?: string | undefined
  /** Whether a connection to `ldap://` is encrypted before anything else; undefined: unless it stays on this machine. */
  readonly startTls?: boolean | undefined
  /** A PEM file of certificate authorities, instead of the system's. */
  readonly caFile?: string | undefined
  /** Which entries are mailboxes (RFC 4515). */
  readonly filter: string
  /** Which mailboxes are switched off (RFC 4515). */
  readonly offFilter?: string | undefined
  readonly mailboxAttribute: string
  readonly addressAttributes: readonly string[]
  /** Where an entry's mail is sent on to, instead of to its mailbox. */
  readonly forwardAttributes: readonly string[]
  readonly languageAttribute: string
  readonly nameAttribute: string
  /** See the function of this name. */
  readonly outsideReaders: readonly string[]
  /** See `withoutExtension`. */
  readonly recipientDelimiter: string
  /** Milliseconds: for a connection that is signed in, and for each search. */
  readonly timeout: number
}

/** A server, and an account on it. */
export type LdapAccount = Pick<LdapSettings, 'url' | 'startTls' | 'bindDn' | 'password'>

/** Where the server is. */
export interface LdapServer {
  /** An IPv6 address has no brackets. */
  readonly host: string
  readonly port: number
  readonly encryption: 'ldaps' | 'start-tls' | 'none'
}

export function ldapServer({ url, startTls }: Pick<LdapSettings, 'url' | 'startTls'>): LdapServer {
  const { protocol, hostname, port } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  if (protocol === 'ldaps:') return { host, port: Number(port || 636), encryption: 'ldaps' }
  const encryption = (startTls ?? !isThisMachine(host)) ? 'start-tls' : 'none'
  return { host, port: Number(port || 389), encryption }
}
