import { domainName } from './reader-address.ts'

/**
 * The spellings under which our tables may have a part of an address. Addresses are stored in lower case with the
 * domain as A-labels, but people may search for a domain as they read it.
 *
 * @returns the last one has the domain, if there is one, as A-labels
 */
export function spellingsOf(search: string): string[] {
  const text = search.trim().normalize('NFC').toLowerCase().toWellFormed().slice(0, 255)
  const at = text.lastIndexOf('@')
  const domain = domainName(text.slice(at + 1))
  return [...new Set([text, ...(domain === undefined ? [] : [text.slice(0, at + 1) + domain])])]
}
