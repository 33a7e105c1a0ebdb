import type { LdapAccount } from '../../directory/ldap/settings.ts'

/** How to sign in by a directory server: the options `signIn.ldap.*`. */
export interface LdapSignInSettings extends LdapAccount {
  /** See `trustedAuthorities`. */
  readonly caFile?: string | undefined
  /** The distinguished name that signs in: see `filledDn`. Undefined: the entry is searched for. */
  readonly bindAs?: string | undefined
  readonly base?: string | undefined
  /** Which entry it is, where it is searched for: see `filledFilter`. */
  readonly filter?: string | undefined
  /** The attribute with the addresses that the server vouches for. */
  readonly mailboxAttribute: string
  /** Milliseconds, for everything together. */
  readonly timeout: number
}
