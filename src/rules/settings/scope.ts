import { domainName, domainOf, readerAddress } from '../../ground/directory/reader-address.ts'
import { CodedError } from '../../ground/errors.ts'

/** The scope of what holds for everybody. */
export const EVERYBODY = '@'

/**
 * The one form of whom settings are for: a reader (`alice@example.com`), a domain (`@example.com`) or everybody (`@`).
 * A domain stands there in lower case and as A-labels, so that no two spellings have settings of their own.
 *
 * @throws CodedError SETTING_INVALID
 */
export function scopeOf(text: string): string {
  const scope = canonicalScope(text)
  if (scope !== undefined) return scope
  throw invalid(text)
}

/**
 * As `scopeOf`, for what somebody sets. What cannot be seen would make a twin of another reader; in addresses that amavis
 * has stored it stays.
 *
 * @throws CodedError SETTING_INVALID
 */
export function settableScope(text: string): string {
  const scope = scopeOf(text)
  if (isSettable(scope)) return scope
  throw invalid(text)
}

/** Whether a canonical scope can be set anew. */
export const isSettable = (scope: string): boolean =>
  !isReader(scope) || (domainName(domainOf(scope)) !== undefined && !INVISIBLE.test(scope))

const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/u

export const EXPECTED_SCOPE =
  'expected an address (alice@example.com), a domain (@example.com; its subdomains have settings of their own) or @ for everybody'

const invalid = (text: string): CodedError =>
  new CodedError('SETTING_INVALID', `${JSON.stringify(text.slice(0, 100))}: ${EXPECTED_SCOPE}.`)

/** As `scopeOf`; undefined for what is no scope. */
export function canonicalScope(text: string): string | undefined {
  const trimmed = text.trim()
  if (trimmed === EVERYBODY) return EVERYBODY
  if (!trimmed.startsWith('@')) return readerAddress(trimmed)
  const domain = domainName(trimmed)
  // A domain of a mail address is one octet shorter than the at-sign and it.
  return domain !== undefined && readerAddress(`x@${domain}`) ? `@${domain}` : undefined
}

/** A reader or a domain in its one form. People write domains without the at-sign, too. Undefined for anything else. */
export function scopeNamed(text: string): string | undefined {
  const scope = canonicalScope(!text.includes('@') && text.includes('.') ? `@${text.trim()}` : text)
  return scope === EVERYBODY ? undefined : scope
}

/** Where settings for a scope may stand, the most specific one first. */
export function layersOf(scope: string): string[] {
  if (scope === EVERYBODY) return [EVERYBODY]
  const domain = `@${domainOf(scope)}`
  return scope === domain ? [domain, EVERYBODY] : [scope, domain, EVERYBODY]
}

/** Whether a canonical scope is one reader's. */
export const isReader = (scope: string): boolean => !scope.startsWith('@')
