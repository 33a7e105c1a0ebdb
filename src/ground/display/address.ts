import { displayDomain } from './domain.ts'
import { displayText } from './text.ts'

/**
 * An e-mail address to show. The domain is shown so that it cannot deceive. A long local part is shortened, because
 * bounce addresses have 60 or more characters of tracking.
 */
export function displayAddress(address: string, maxLocalPart = 40): string {
  const at = address.lastIndexOf('@')
  if (at < 0) return displayText(address, maxLocalPart)
  const localPart = displayText(address.slice(0, at), maxLocalPart)
  return `${localPart}@${displayTail(displayDomain(address.slice(at + 1)))}`
}

/** An address that somebody is about to confirm: no local part that RFC 5321 allows is shortened. */
export const fullAddress = (address: string): string => displayAddress(address, 64)

/** Shows the end of a long domain, because anybody can choose what precedes it ("www.bank.example.….evil.example"). */
const displayTail = (domain: string): string =>
  domain.length <= MAX_SHOWN_DOMAIN ? domain : `…${domain.slice(-MAX_SHOWN_DOMAIN).toWellFormed()}`

const MAX_SHOWN_DOMAIN = 64
