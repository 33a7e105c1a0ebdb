import { domainName } from './reader-address.ts'

/**
 * How a part of an address may stand in our tables: in lower case, and a domain as A-labels, as which it comes last. It
 * may be looked for as people read it.
 */
export function spellingsOf(search: string): string[] {
  const text = search.trim().normalize('NFC').toLowerCase().toWellFormed().slice(0, 255)
  const at = text.lastIndexOf('@')
  const domain = domainName(text.slice(at + 1))
  return [...new Set([text, ...(domain === undefined ? [] : [text.slice(0, at + 1) + domain])])]
}
