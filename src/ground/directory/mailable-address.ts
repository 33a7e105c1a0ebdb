import { displayText } from '../display/text.ts'
import { domainName, domainOf, readerAddress } from './reader-address.ts'

/**
 * An address to which somebody wants mail to be sent. The local part keeps its spelling, because local parts may differ
 * by case; the domain becomes A-labels. Undefined for a text that is not an address, and for an address with deceptive
 * or invisible characters: the person who confirms it must be able to see all of it. Undefined, too, where no other host
 * would deliver to: an address literal, a name without a dot, this host itself.
 */
export function mailableAddress(text: string): string | undefined {
  const trimmed = text.trim().normalize('NFC')
  const address = readerAddress(trimmed)
  if (address === undefined || address.length > MAX_ADDRESS) return undefined
  const local = trimmed.slice(0, trimmed.lastIndexOf('@'))
  const domain = domainOf(address)
  if (Buffer.byteLength(local) > MAX_LOCAL_PART || !isShownInFull(local) || !isMailDomain(domain))
    return undefined
  return `${local}@${domain}`
}

/**
 * Whether a domain may have mailboxes that are reached from elsewhere. A site's own mail domain may end in `.local`,
 * which Active Directory once recommended.
 */
const isMailDomain = (domain: string): boolean =>
  domainName(domain) !== undefined && domain.includes('.') && !domain.startsWith('[') && !NOWHERE.test(domain)

/** RFC 6761 and RFC 7686; `localdomain` is what many systems add to `localhost`. */
const NOWHERE = /\.(?:localhost|localdomain\d*|invalid|onion)$/

/** RFC 5321, section 4.5.3.1.3, without the brackets. */
const MAX_ADDRESS = 254

/** RFC 5321, section 4.5.3.1.1, in octets. */
const MAX_LOCAL_PART = 64

/** Without characters that are invisible, reverse the text or change when it is shown. */
const isShownInFull = (local: string): boolean =>
  !/[\p{C}\p{Default_Ignorable_Code_Point}<>]/u.test(local) && displayText(local, MAX_LOCAL_PART) === local
