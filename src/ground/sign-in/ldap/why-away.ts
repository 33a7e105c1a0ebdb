import { isCertificateFault } from '../../database/tls.ts'
import { ldapts } from '../../directory/ldap/ldapts.ts'
import { StartTlsRefused } from '../../directory/ldap/session.ts'
import { ldapServer } from '../../directory/ldap/settings.ts'
import { displayText } from '../../display/text.ts'
import { SECOND } from '../../durations.ts'
import type { LdapSignInSettings } from './settings.ts'

/**
 * Whether a server's answer to a reader's name and password means that they are wrong, or that this reader may not sign
 * in: RFC 4511, appendix A. Some servers give the reason of a locked account as 19 or 53.
 */
export const isNotTheReader = (error: unknown): boolean =>
  error instanceof ldapts().ResultCodeError && NOT_THE_READER.has(error.code)

/** constraintViolation, noSuchObject, invalidDNSyntax, inappropriateAuthentication, invalidCredentials, unwillingToPerform. */
const NOT_THE_READER: ReadonlySet<number> = new Set([19, 32, 34, 48, 49, 53])

/** Why a directory server cannot be asked, for the log. No password is in it. */
export function whyAway(
  error: unknown,
  settings: LdapSignInSettings,
  secret: { readonly password: string },
): string {
  const { host, port } = ldapServer(settings)
  const server = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  const said = (message: string) =>
    displayText(withoutSecrets(message, [secret.password, settings.password]), 200)
  if (error instanceof StartTlsRefused)
    return `signIn.ldap: ${server} does not encrypt: ${said(error.message)}. Use ldaps:// in signIn.ldap.url, or set up TLS on the server.`
  if (error instanceof ldapts().ResultCodeError)
    return `signIn.ldap: ${server} answers: ${said(error.message)}. ${HINTS[error.code] ?? 'See signIn.ldap.bindDn, base and filter.'}`
  const name = nameOf(error)
  if (isCertificateFault(name))
    return `signIn.ldap: the certificate of ${server} cannot be verified (${name}). Does signIn.ldap.caFile name its authority, and is the host of signIn.ldap.url a name in it?`
  if (name === 'TimeoutError')
    return `signIn.ldap: ${server} did not answer within ${settings.timeout / SECOND} s.`
  return `signIn.ldap: no connection to ${server} (${name}). Does the server run, and is signIn.ldap.url right?`
}

const HINTS: Readonly<Partial<Record<number, string>>> = {
  8: 'Use ldaps:// in signIn.ldap.url, or set signIn.ldap.startTls to true.',
  10: 'It refers to another server: put that one into signIn.ldap.url.',
  13: 'Use ldaps:// in signIn.ldap.url, or set signIn.ldap.startTls to true.',
  32: 'It has no signIn.ldap.base, or does not show it to signIn.ldap.bindDn.',
  49: 'See signIn.ldap.bindDn and signIn.ldap.password.',
  51: 'It is busy.',
  52: 'It is not ready.',
}

const withoutSecrets = (text: string, secrets: readonly (string | undefined)[]): string =>
  secrets.reduce<string>((rest, secret) => (secret ? rest.replaceAll(secret, '…') : rest), text)

/** The code or the name of an error; ldapts throws plain ones for a connection that has ended. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.name === 'Error' ? 'it was closed' : error.name
}
