import { keyOfAddress } from '../../ground/directory/amavis/lookup-keys.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import type { SenderPattern } from './sender-entry.ts'

/**
 * Whether an entry is about a message: amavisd compares the envelope sender and each address of the From field. A
 * delimiter of extensions, which amavisd may know, is not followed: `bob@x` is not said to match `bob+list@x`.
 *
 * @param addresses in any spelling; what is no address matches nothing
 */
export const matchesSender = (pattern: SenderPattern, addresses: readonly string[]): boolean =>
  addresses.some(address => matchesAddress(pattern, address))

function matchesAddress(pattern: SenderPattern, text: string): boolean {
  const address = readerAddress(text)
  if (address === undefined) return false
  const key = keyOfAddress(address)
  if (!pattern.startsWith('@')) return key === pattern
  return coversDomain(pattern, key.slice(key.lastIndexOf('@') + 1))
}

/** Whether an entry for a domain, `@example.com` or `@.example.com`, is about the mail of this domain. */
export function coversDomain(pattern: SenderPattern, domain: string): boolean {
  if (!pattern.startsWith('@.')) return pattern === `@${domain}`
  return `.${domain}`.endsWith(pattern.slice(1))
}
