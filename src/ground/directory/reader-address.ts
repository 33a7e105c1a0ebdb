import { domainToASCII } from 'node:url'

/**
 * The normal form of an address, in which readers are compared: lower case, NFC, the domain as A-labels (RFC 5890),
 * quotes around the local part only if RFC 5321 needs them. Undefined for a text that is not an address. Never used to
 * release a message: that takes the spelling that amavis stored.
 */
export function readerAddress(address: string): string | undefined {
  const at = address.lastIndexOf('@')
  if (at < 1 || address.length > MAX_ADDRESS) return undefined
  const local = localPart(address.slice(0, at))
  const domain = domainPart(address.slice(at + 1))
  if (local === undefined || domain === undefined) return undefined
  const reader = `${local}@${domain}`
  return reader.length > MAX_ADDRESS ? undefined : reader
}

/**
 * The normal form of a domain, in which domains are compared: lower case, A-labels (RFC 5890), without a leading
 * at-sign or a final dot. Undefined for a text that is not a domain, which an address that amavis stored may still
 * contain.
 */
export function domainName(text: string): string | undefined {
  const domain = domainPart(text.trim().replace(/^@/, ''))
  return domain !== undefined && (domain.startsWith('[') || HOST_NAME.test(domain)) ? domain : undefined
}

/** Labels (RFC 1035, section 2.3.4), the last of which is not a number: that would be an IP address. */
const HOST_NAME = /^(?!.*(?:^|\.)\d+$)(?:(?!-)[a-z\d_-]{1,63}(?<!-)(?:\.|$))+(?<!\.)$/

/** The domain of a reader's address. */
export const domainOf = (reader: string): string => reader.slice(reader.lastIndexOf('@') + 1)

/** RFC 5321, section 4.5.3.1.3, allows 256 octets for a path with its brackets; amavis stores 255. */
const MAX_ADDRESS = 255

function localPart(text: string): string | undefined {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/su.exec(text)?.[1]
  const content = (quoted === undefined ? text : quoted.replace(/\\(.)/gsu, '$1'))
    .normalize('NFC')
    .toLowerCase()
  if (CONTROL.test(content)) return undefined
  if (DOT_ATOM.test(content)) return content
  // Servers accept `john..doe` without quotes, and amavisd stores it that way.
  if (quoted === undefined && !LOOSE_DOTS.test(content)) return undefined
  return `"${content.replace(/["\\]/g, '\\$&')}"`
}

/** The Dot-string of RFC 5321, with the UTF-8 of RFC 6531. */
const DOT_ATOM = /^[^\s"(),:;<>@[\\\].]+(?:\.[^\s"(),:;<>@[\\\].]+)*$/u

const LOOSE_DOTS = /^[^\s"(),:;<>@[\\\]]+$/u

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/

function domainPart(text: string): string | undefined {
  if (PLAIN_NAME.test(text)) return text
  if (/^\[(?:IPv6:)?[0-9a-f.:]+\]$/i.test(text)) return text.toLowerCase()
  // domainToASCII parses the host of a URL: it would drop a slash, ? or # with all that follows, which could make the
  // mail somebody else's.
  if (/[^\w.\-\u{80}-\u{10ffff}]/u.test(text)) return undefined
  return domainToASCII(text.replace(/\.$/, '')) || undefined
}

/** Already in the normal form, as most are. The last label has letters only, so that it is no number of an IP address. */
const PLAIN_NAME = /^(?:(?!xn--)[a-z\d](?:[a-z\d-]*[a-z\d])?\.)+(?!xn--)[a-z]+$/
