import type { Entry } from 'ldapts'
import { unlessAborted } from '../../concurrency/unless-aborted.ts'
import { addressesAt } from '../../directory/ldap/entry.ts'
import { ldapts } from '../../directory/ldap/ldapts.ts'
import { openSession, type Session } from '../../directory/ldap/session.ts'
import type { LdapAccount } from '../../directory/ldap/settings.ts'
import { CodedError } from '../../errors.ts'
import { trustedAuthorities } from '../../network/authorities.ts'
import type { Credentials, PasswordMethod, Verdict } from '../methods.ts'
import { filledDn, filledFilter } from './filled-in.ts'
import type { LdapSignInSettings } from './settings.ts'
import { isNotTheReader, whyAway } from './why-away.ts'

/**
 * Signs in by a directory server with the reader's own password. The addresses come from the reader's entry, and never
 * from what was typed. Referrals are not followed: that would send the password to whatever host an entry names.
 *
 * @throws CodedError CONFIG_INVALID when the file of authorities cannot be read, or `bindAs` is no distinguished name
 */
export function ldapSignIn(settings: LdapSignInSettings): PasswordMethod {
  requireDn(settings)
  const authorities = trustedAuthorities(settings.caFile, 'signIn.ldap.caFile')
  return {
    kind: 'ldap',
    async check(credentials, signal) {
      // A server takes a name without a password for a stranger's, and says yes (RFC 4513, section 5.1.2).
      if (credentials.password === '') return REFUSED
      const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.timeout)])
      const connect: Connect = account => openSession({ ...settings, ...account }, authorities(), limit)
      try {
        return await verdictOn(credentials, settings, connect, limit)
      } catch (error) {
        signal.throwIfAborted()
        return { outcome: 'away', why: whyAway(error, settings, credentials) }
      }
    },
  }
}

/** ldapts would take a name such as EXTERNAL for another way to sign in. */
function requireDn({ bindAs }: LdapSignInSettings): void {
  if (bindAs === undefined || bindAs.includes('=')) return
  const example = 'uid=:user,ou=people,dc=example,dc=com'
  throw new CodedError(
    'CONFIG_INVALID',
    `signIn.ldap.bindAs: expected a distinguished name such as ${example}`,
  )
}

const REFUSED: Verdict = { outcome: 'refused' }

/** Opens a connection that is signed in with this account. */
type Connect = (account: Required<Pick<LdapAccount, 'bindDn' | 'password'>>) => Promise<Session>

async function verdictOn(
  { name, password }: Credentials,
  settings: LdapSignInSettings,
  connect: Connect,
  limit: AbortSignal,
): Promise<Verdict> {
  const reader = await findReader(name, settings, connect, limit)
  if (reader === undefined) return REFUSED
  const session = await signedIn(connect, { bindDn: reader.dn, password })
  if (session === undefined) return REFUSED
  try {
    return vouchedFor(reader.entry ?? (await ownEntry(session, reader.dn, settings, limit)), settings)
  } finally {
    session.close()
  }
}

interface Reader {
  readonly dn: string
  /** Undefined: only the reader may read it. */
  readonly entry?: Entry
}

/** Undefined for a name that no entry has, and for one that several have. */
async function findReader(
  name: string,
  settings: LdapSignInSettings,
  connect: Connect,
  limit: AbortSignal,
): Promise<Reader | undefined> {
  const { bindAs, base = '', bindDn, password } = settings
  if (bindAs !== undefined) {
    const dn = filledDn(bindAs, name)
    return dn === undefined ? undefined : { dn }
  }
  const filter = settings.filter === undefined ? undefined : filledFilter(settings.filter, name)
  if (filter === undefined) return undefined
  const session = await connect({ bindDn, password })
  try {
    const [entry, ...others] = await entriesAt(session, base, { scope: 'sub', filter }, settings, limit)
    return entry === undefined || others.length > 0 ? undefined : { dn: entry.dn, entry }
  } catch (error) {
    if (error instanceof ldapts().SizeLimitExceededError) return undefined
    throw error
  } finally {
    session.close()
  }
}

/** Undefined if the server does not take this name and password. */
async function signedIn(
  connect: Connect,
  account: Required<Pick<LdapAccount, 'bindDn' | 'password'>>,
): Promise<Session | undefined> {
  try {
    return await connect(account)
  } catch (error) {
    if (isNotTheReader(error)) return undefined
    throw error
  }
}

/** Undefined if the reader may not read it. */
async function ownEntry(
  session: Session,
  dn: string,
  settings: LdapSignInSettings,
  limit: AbortSignal,
): Promise<Entry | undefined> {
  const own = { scope: 'base', filter: '(objectClass=*)' } as const
  try {
    const [entry] = await entriesAt(session, dn, own, settings, limit)
    return entry
  } catch (error) {
    const { InsufficientAccessError, NoSuchObjectError } = ldapts()
    if (error instanceof InsufficientAccessError || error instanceof NoSuchObjectError) return undefined
    throw error
  }
}

/** @throws SizeLimitExceededError of ldapts if there are more than two */
async function entriesAt(
  { client }: Session,
  base: string,
  what: { readonly scope: 'base' | 'sub'; readonly filter: string },
  { mailboxAttribute }: LdapSignInSettings,
  limit: AbortSignal,
): Promise<readonly Entry[]> {
  const search = client.search(base, { ...what, attributes: [mailboxAttribute], sizeLimit: 2 })
  const { searchEntries } = await unlessAborted(limit, search)
  return searchEntries
}

function vouchedFor(entry: Entry | undefined, { mailboxAttribute }: LdapSignInSettings): Verdict {
  const addresses = entry === undefined ? [] : addressesAt(entry, mailboxAttribute)
  if (addresses.length > 0) return { outcome: 'accepted', addresses: addresses.slice(0, MAX_ADDRESSES) }
  const why = `signIn.ldap: the password is right, but the reader's entry has no address in ${mailboxAttribute}, or may not be read. See signIn.ldap.mailboxAttribute.`
  return { outcome: 'unsupported', why }
}

/** As many as a verdict may have. */
const MAX_ADDRESSES = 20
