import { domainToASCII } from 'node:url'

/**
 * The one form in which readers are compared: lower case, NFC, the domain as A-labels (RFC 5890), quotes around the
 * local part only where RFC 5321 needs them. Undefined for what is no address. Never used to release: that takes the
 * spelling that amavis stored.
 */
export function readerAddress(address: string): string | undefined {
  const at = address.lastIndexOf('@')
  if (at < 1 || address.length > LONGEST_ADDRESS) return undefined
  const local = localPart(address.slice(0, at))
  const domain = domainPart(address.slice(at + 1))
  if (local === undefined || domain === undefined) return undefined
  const reader = `${local}@${domain}`
  return reader.length > LONGEST_ADDRESS ? undefined : reader
}

/**
 * The one form in which domains are compared: lower case, A-labels (RFC 5890), without the at-sign that may stand before
 * it or the dot at its end. Undefined for what no domain can be called; an address that amavis stored may hold more.
 */
export function domainName(text: string): string | undefined {
  const domain = domainPart(text.trim().replace(/^@/, ''))
  return domain !== undefined && (domain.startsWith('[') || HOST_NAME.test(domain)) ? domain : undefined
}

/** Of labels (RFC 1035, 2.3.4), the last of which is no number: that would be an address of the network. */
const HOST_NAME = /^(?!.*(?:^|\.)\d+$)(?:(?!-)[a-z\d_-]{1,63}(?<!-)(?:\.|$))+(?<!\.)$/

/** The domain of a reader's address. */
export const domainOf = (reader: string): string => reader.slice(reader.lastIndexOf('@') + 1)

/** Octets of a path are limited to 256 with its brackets (RFC 5321, 4.5.3.1.3); amavis stores 255. */
const LONGEST_ADDRESS = 255

function localPart(text: string): string | undefined {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/su.exec(text)?.[1]
  const content = (quoted === undefined ? text : quoted.replace(/\\(.)/gsu, '$1'))
    .normalize('NFC')
    .toLowerCase()
  if (CONTROL.test(content)) return undefined
  if (DOT_ATOM.test(content)) return content
  // Servers take `john..doe` without quotes, and amavisd stores it so.
  if (quoted === undefined && !LOOSE_DOTS.test(content)) return undefined
  return `"${content.replace(/["\\]/g, '\\$&')}"`
}

/** RFC 5321 Dot-string with RFC 6531's UTF-8. */
const DOT_ATOM = /^[^\s"(),:;<>@[\\\].]+(?:\.[^\s"(),:;<>@[\\\].]+)*$/u

const LOOSE_DOTS = /^[^\s"(),:;<>@[\\\]]+$/u

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/

function domainPart(text: string): string | undefined {
  if (/^\[(?:IPv6:)?[0-9a-f.:]+\]$/i.test(text)) return text.toLowerCase()
  // It reads a URL's host: what follows a slash, ? or # would be cut off, and the mail become somebody else's.
  if (/[^\w.\-\u{80}-\u{10ffff}]/u.test(text)) return undefined
  return domainToASCII(text.replace(/\.$/, '')) || undefined
}
