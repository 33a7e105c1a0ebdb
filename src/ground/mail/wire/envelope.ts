import type { Octets } from './octets.ts'
import { Refusal } from './refusal.ts'

/** A mail with its envelope. */
export interface EnvelopedMail {
  /** Empty for the null sender. */
  readonly from: string
  readonly to: string
  readonly message: Octets
}

/** What the server offers that matters to an envelope. */
export interface Offers {
  /** It takes several commands at once (RFC 2920). */
  readonly pipelining: boolean
  /** It wants to know the size of a mail beforehand (RFC 1870). */
  readonly size: boolean
  /** It takes addresses beyond ASCII (RFC 6531). */
  readonly utf8: boolean
}

/** The commands that `envelopeCommands` gives. */
export const ENVELOPE = ['MAIL FROM', 'RCPT TO', 'DATA'] as const

/** @returns a line for each of `ENVELOPE`, to be written in UTF-8 */
export function envelopeCommands({ from, to, message }: EnvelopedMail, offers: Offers): readonly string[] {
  const utf8 = offers.utf8 && (BEYOND_ASCII.test(to) || BEYOND_ASCII.test(from)) ? ' SMTPUTF8' : ''
  const size = offers.size ? ` SIZE=${message.length}` : ''
  return [`MAIL FROM:<${from}>${utf8}${size}\r\n`, `RCPT TO:<${to}>\r\n`, 'DATA\r\n']
}

const BEYOND_ASCII = /[\u0080-\uffff]/

/** Refuses an address that would end its brackets or its command, and so could say another one. */
export function unwritableIn({ from, to }: EnvelopedMail): Refusal | undefined {
  if (to === '' || UNWRITABLE.test(to)) {
    return new Refusal('EENVELOPE', 'RCPT TO', `Invalid recipient ${JSON.stringify(to)}`)
  }
  if (!UNWRITABLE.test(from)) return undefined
  return new Refusal('EENVELOPE', 'MAIL FROM', `Invalid sender ${JSON.stringify(from)}`)
}

const UNWRITABLE = /[\p{Cc}<>]/u
