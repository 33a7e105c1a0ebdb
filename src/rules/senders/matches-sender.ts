import { lookupOf } from '../../ground/directory/amavis/lookup-keys.ts'
import { domainOf, readerAddress } from '../../ground/directory/reader-address.ts'
import type { SenderPattern } from './sender-entry.ts'

/**
 * Whether an entry is about a message: amavisd compares the envelope sender and each address of the From field, and
 * each without its extension, too: an entry for `bob@x` is also about `bob+list@x`.
 *
 * @param addresses in any spelling; what is no address matches nothing
 * @param delimiter the characters that begin an extension, as amavisd is configured; by default none
 */
export const matchesSender = (
  pattern: SenderPattern,
  addresses: readonly string[],
  delimiter = '',
): boolean => addresses.some(address => matchesAddress(pattern, address, delimiter))

function matchesAddress(pattern: SenderPattern, text: string, delimiter: string): boolean {
  const address = readerAddress(text)
  if (address === undefined) return false
  if (!pattern.startsWith('@')) return lookupOf(address, delimiter).own.includes(pattern)
  return coversDomain(pattern, domainOf(address))
}

/** Whether an entry for a domain, `@example.com` or `@.example.com`, is about the mail of this domain. */
export function coversDomain(pattern: SenderPattern, domain: string): boolean {
  if (!pattern.startsWith('@.')) return pattern === `@${domain}`
  return `.${domain}`.endsWith(pattern.slice(1))
}
