import { domainName, domainOf } from './reader-address.ts'

/**
 * Whether a mail can be sent to this address. amavis stores whatever stood between the brackets of RCPT TO. Some of
 * that names a mailbox which no other mail can reach, or only by an address that another server may read differently.
 */
export function canGetMail(address: string): boolean {
  const at = address.lastIndexOf('@')
  const local = address.slice(0, at)
  if (at < 1 || local === '""' || Buffer.byteLength(address) > MAX_OCTETS) return false
  return !UNSENDABLE.test(address) && isDomain(domainOf(address))
}

/** RFC 5321, section 4.5.3.1.3, without the brackets. amavis cuts a longer address off. */
const MAX_OCTETS = 254

/**
 * Brackets end the address where nodemailer and some servers read it. U+FFFD and lone surrogates stand for octets that
 * were no UTF-8: with them, the address is another mailbox's.
 */
const UNSENDABLE = /[<>\p{Cc}\p{Cs}\u2028\u2029\uFFFD]/u

function isDomain(text: string): boolean {
  const literal = /^\[(.*)\]$/.exec(text)?.[1]
  if (literal === undefined) return domainName(text) !== undefined
  const ipv6 = /^IPv6:(.*)$/i.exec(literal)?.[1]
  return ipv6 === undefined ? IPV4.test(literal) : URL.canParse(`http://[${ipv6}]/`)
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.|$)){4}(?<!\.)$/
