import { domainName, domainOf, readerAddress } from '../../ground/directory/reader-address.ts'
import { CodedError } from '../../ground/errors.ts'

/** The scope of the settings for everybody. */
export const EVERYBODY = '@'

/**
 * The canonical form of a scope: a reader (`alice@example.com`), a domain (`@example.com`) or everybody (`@`). A domain
 * is written in lower case and as A-labels, so that two spellings never have separate settings.
 *
 * @throws CodedError SETTING_INVALID
 */
export function scopeOf(text: string): string {
  const scope = canonicalScope(text)
  if (scope !== undefined) return scope
  throw invalid(text)
}

/**
 * Like `scopeOf`, for settings that are about to be written. It refuses invisible characters, which would make a scope
 * that looks like another reader's. Addresses that amavis has stored may contain them.
 *
 * @throws CodedError SETTING_INVALID
 */
export function settableScope(text: string): string {
  const scope = scopeOf(text)
  if (isSettable(scope)) return scope
  throw invalid(text)
}

/** Whether new settings can be made for a canonical scope. */
export const isSettable = (scope: string): boolean =>
  !isReader(scope) || (domainName(domainOf(scope)) !== undefined && !INVISIBLE.test(scope))

const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/u

export const EXPECTED_SCOPE =
  'expected an address (alice@example.com), a domain (@example.com; its subdomains have settings of their own) or @ for everybody'

const invalid = (text: string): CodedError =>
  new CodedError('SETTING_INVALID', `${JSON.stringify(text.slice(0, 100))}: ${EXPECTED_SCOPE}.`)

/** Like `scopeOf`, but undefined when the text is not a scope. */
export function canonicalScope(text: string): string | undefined {
  const trimmed = text.trim()
  if (trimmed === EVERYBODY) return EVERYBODY
  if (!trimmed.startsWith('@')) return readerAddress(trimmed)
  const domain = domainName(trimmed)
  // A domain so long that no address fits in front of it has no readers.
  return domain !== undefined && readerAddress(`x@${domain}`) ? `@${domain}` : undefined
}

/** The canonical form of a reader or a domain, with or without the at-sign of a domain. Undefined for anything else. */
export function scopeNamed(text: string): string | undefined {
  const scope = canonicalScope(!text.includes('@') && text.includes('.') ? `@${text.trim()}` : text)
  return scope === EVERYBODY ? undefined : scope
}

/** The scopes whose settings apply to a scope, the most specific one first. */
export function layersOf(scope: string): string[] {
  if (scope === EVERYBODY) return [EVERYBODY]
  const domain = `@${domainOf(scope)}`
  return scope === domain ? [domain, EVERYBODY] : [scope, domain, EVERYBODY]
}

/** Whether a canonical scope is one reader's. */
export const isReader = (scope: string): boolean => !scope.startsWith('@')
