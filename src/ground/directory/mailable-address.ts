import { displayText } from '../display/text.ts'
import { domainName, domainOf, readerAddress } from './reader-address.ts'

/**
 * An address that somebody wants mail to be sent to, in the spelling that it was written in, since local parts may
 * differ by case; its domain as A-labels. Undefined for what is none, and for one that does not show what it is: who
 * confirms it must see it whole.
 */
export function mailableAddress(text: string): string | undefined {
  const trimmed = text.trim().normalize('NFC')
  const address = readerAddress(trimmed)
  if (address === undefined || address.length > LONGEST_ADDRESS) return undefined
  const local = trimmed.slice(0, trimmed.lastIndexOf('@'))
  const domain = domainOf(address)
  if (Buffer.byteLength(local) > LONGEST_LOCAL_PART || !isPlain(local) || domainName(domain) === undefined)
    return undefined
  return `${local}@${domain}`
}

/** RFC 5321, 4.5.3.1.3, without the brackets. */
const LONGEST_ADDRESS = 254

/** RFC 5321, 4.5.3.1.1, in octets. */
const LONGEST_LOCAL_PART = 64

/** Without anything that cannot be seen, turns the text around or looks like something else when it is shown. */
const isPlain = (local: string): boolean =>
  !/[\p{C}\p{Default_Ignorable_Code_Point}<>]/u.test(local) &&
  displayText(local, LONGEST_LOCAL_PART) === local
