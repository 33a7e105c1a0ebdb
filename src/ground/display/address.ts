import { displayDomain } from './domain.ts'
import { displayText } from './text.ts'

/**
 * An e-mail address to show: its domain always whole and without deceit, a long local part shortened in front of it
 * (bounce addresses carry 60 characters and more of tracking).
 */
export function displayAddress(address: string, maxLocalPart = 40): string {
  const at = address.lastIndexOf('@')
  if (at < 0) return displayText(address, maxLocalPart)
  const localPart = displayText(address.slice(0, at), maxLocalPart)
  return `${localPart}@${displayTail(displayDomain(address.slice(at + 1)))}`
}

/** What somebody is about to confirm: no local part that RFC 5321 allows is shortened. */
export const fullAddress = (address: string): string => displayAddress(address, 64)

/** Of a long domain the end counts: the part in front is anyone's to choose ("www.bank.example.….evil.example"). */
const displayTail = (domain: string): string =>
  domain.length <= MAX_SHOWN_DOMAIN ? domain : `…${domain.slice(-MAX_SHOWN_DOMAIN).toWellFormed()}`

const MAX_SHOWN_DOMAIN = 64
