import { displayText } from '../../display/text.ts'
import { SECOND } from '../../durations.ts'
import type { Verdict } from '../methods.ts'
import type { OidcSettings } from './settings.ts'

/** What it means that a sign-in could not be finished. */
export function verdictOnFault(error: unknown, settings: OidcSettings): Verdict {
  const said = wordOf(error)
  if (said !== undefined && READERS_OWN.has(said)) return { outcome: 'refused' }
  return { outcome: 'away', why: whyAway(error, settings) }
}

/**
 * Answers of a provider that concern the reader: consent was not given, or the code was used or is too old (RFC 6749,
 * sections 4.1.2.1 and 5.2; OpenID Connect Core, section 3.1.2.6).
 */
const READERS_OWN: ReadonlySet<string> = new Set([
  'access_denied',
  'invalid_grant',
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
])

/** Why a provider cannot be asked, for the log. */
export function whyAway(error: unknown, { issuer, timeout }: OidcSettings): string {
  const { host } = new URL(issuer)
  const said = wordOf(error)
  if (said !== undefined)
    return `signIn.oidc: ${host} answers ${displayText(said, 100)}. See signIn.oidc.clientId and clientSecret, and whether publicUrl with /sign-in/oidc/done is registered there as a redirect URI.`
  const names = namesOf(error)
  if (names.some(name => name === 'TimeoutError' || name === 'OAUTH_TIMEOUT'))
    return `signIn.oidc: ${host} did not answer within ${timeout / SECOND} s.`
  return `signIn.oidc: ${host} cannot be asked (${names.join(', ')}). Is it there, and is signIn.oidc.issuer exactly what it calls itself?`
}

/** The code of an error that the provider itself has sent. Its description is a stranger's text. */
function wordOf(error: unknown): string | undefined {
  if (namesOf(error)[0] === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE') return 'invalid_client'
  return error instanceof Error && 'error' in error && typeof error.error === 'string'
    ? error.error
    : undefined
}

/** The codes or names of an error and its causes, the outermost first. */
function namesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return []
  const name = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return [name, ...namesOf(error.cause)]
}
