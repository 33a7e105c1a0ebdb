import { displayAddress } from './address.ts'
import { displayDomain } from './domain.ts'
import { displayText } from './text.ts'

/**
 * Text with the characters that a person reads in it: a fullwidth or small at-sign or dot is one (NFKC), and so are the
 * other dots of IDNA (RFC 3490, section 3.1).
 */
export const readable = (text: string): string =>
  ASCII.test(text) ? text : displayText(text, MAX_TEXT).normalize('NFKC').replace(IDNA_DOTS, '.')

/** The addresses that a person reads in a text. */
export function addressesIn(text: string): string[] {
  const read = readable(text)
  if (!read.includes('@')) return []
  return (read.match(ADDRESS) ?? []).map(found => found.replace(/^'+|\s|[.!?'…]+$/g, ''))
}

/**
 * Compares what is displayed, which is the same for both spellings of a domain (`münchen.de`, `xn--mnchen-3ya.de`) and
 * for a local part with and without quotes.
 */
export const sameAddress = (one: string, other: string): boolean =>
  isPlain(one) && isPlain(other)
    ? one.length === other.length && one.toLowerCase() === other.toLowerCase()
    : form(one) === form(other)

/** Most addresses, which have only one form. */
const isPlain = (address: string): boolean => PLAIN.test(address) && !PUNYCODE.test(address)

const PLAIN = /^[!#-~]*[!#-\-/-~]$/
const PUNYCODE = /xn--/i

/** How well an address fits an envelope sender: 2 if it is the same, 1 if it has the same domain or one below it, or 0. */
export const nearness = (address: string, sender: string): number =>
  sameAddress(address, sender) ? 2 : Number(isRelated(domainOf(address), domainOf(sender)))

const domainOf = (address: string): string => displayDomain(address.slice(address.lastIndexOf('@') + 1))

const isRelated = (one: string, other: string): boolean =>
  one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`)

const form = (address: string): string =>
  displayAddress(address.replace(NEEDLESS_QUOTES, '$1@'), MAX_TEXT).toLowerCase()

/** amavisd stores an envelope address without the quotes of its local part. */
const NEEDLESS_QUOTES = /^"([^"\\]*)"@/

const ASCII = /^[\0-\x7F]*$/

/** A From field has 255 characters at most. */
const MAX_TEXT = 512

/** U+3002 and U+FF61; NFKC has turned the latter into the former, and all others into a dot. */
const IDNA_DOTS = /\u3002/g

const ADDRESS = /[^\s<>"()[\],;:@]+@(?:[^\s<>"()[\],;:@]+\.[^\s<>"()[\],;:@]+|\[[^\s[\]]+\])/g
