import { domainToUnicode } from 'node:url'
import { domainOf } from './reader-address.ts'

/**
 * How other programs' tables may write an address: in the normal form, and with the domain as people read it
 * (U-labels, RFC 5890).
 *
 * @param address in the form of `readerAddress`
 * @returns one spelling or two, the normal form first
 */
export function writtenForms(address: string): readonly string[] {
  const domain = domainOf(address)
  return writtenDomains(domain).map(written => address.slice(0, -domain.length) + written)
}

/** As `writtenForms`, for a domain in the form of `domainName`. */
export function writtenDomains(domain: string): readonly string[] {
  if (!domain.includes('xn--')) return [domain]
  const read = domainToUnicode(domain)
  return read === '' || read === domain ? [domain] : [domain, read]
}
