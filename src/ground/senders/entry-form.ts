import { domainName, readerAddress } from '../directory/reader-address.ts'

/**
 * Whether amavisd can find an entry: it asks for the whole address, for `@` and the domain, for `@.` and the domain or
 * one above it, and for `@.`, always in lower case and A-labels. Tables compare without regard to case.
 * Source: `make_query_keys` of amavisd; a bare domain and `*@example.com` were tried on 2.13 and match nothing.
 */
export const isMatchingForm = (entry: string): boolean =>
  /^\p{ASCII}+$/u.test(entry) && formOf(entry) !== undefined

/**
 * The form in which two entries are compared, and in which ours are written: lower case and A-labels. What has no form
 * that matches is only trimmed, and in lower case.
 */
export const entryKey = (entry: string): string => formOf(entry) ?? entry.trim().toLowerCase()

function formOf(entry: string): string | undefined {
  const text = entry.trim()
  if (text === '@.') return text
  const [, start, domain] = /^(@\.?)([^.@].*)$/u.exec(text) ?? []
  if (start === undefined || domain === undefined) return addressOf(text)
  const name = domainName(domain)
  return name === undefined ? undefined : `${start}${name}`
}

const addressOf = (text: string): string | undefined =>
  text.startsWith('*@') ? undefined : readerAddress(text)
