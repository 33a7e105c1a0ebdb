import { displayAddress } from './address.ts'
import { displayText } from './text.ts'

/** Who a message says it is from, in parts that are safe to show as text. */
export interface DisplaySender {
  /** The display name; empty if there is none, or if it only repeats the address. */
  readonly name: string
  /** The address in the From field; empty if it has none that is certain. */
  readonly address: string
  /** The envelope sender if it differs from the address; undefined if it does not, and for a bounce. */
  readonly envelope: string | undefined
  /** The envelope sender is empty (RFC 5321, section 4.5.5): a delivery report or an automatic reply. */
  readonly isBounce: boolean
  /** The name contains an address other than the one that the message is from: a classic deception. */
  readonly nameClaimsAnother: boolean
}

/** @param mail its From field, decoded and possibly cut off at 255 characters, and its envelope sender */
export function displaySender(mail: { readonly from: string; readonly sender: string }): DisplaySender {
  const { name, addresses } = readFrom(mail.from)
  const address = addresses.map(found => displayAddress(found)).join(', ')
  const shownName = displayText(name, MAX_NAME)
  const isFrom = addresses.length === 1 && sameAddress(addresses[0] ?? '', mail.sender)
  return {
    name: shownName.toLowerCase() === address.toLowerCase() ? '' : shownName,
    address: displayText(address, MAX_ADDRESSES),
    envelope: isFrom || mail.sender === '' ? undefined : displayAddress(mail.sender),
    isBounce: mail.sender === '',
    nameClaimsAnother: claimsAnother(name, addresses),
  }
}

const MAX_NAME = 60
const MAX_ADDRESSES = 160

/** `msgs.from_addr` is a varchar(255): a value of about that length may lack its end. */
const CUT_OFF = 240

interface From {
  readonly name: string
  readonly addresses: readonly string[]
}

/**
 * Not a parser for RFC 5322, because the field no longer follows it: amavisd stores it with its encoded words decoded,
 * so quotes, commas and brackets in a name look like syntax. The address parsers of postal-mime and nodemailer take the
 * first of two bracketed addresses, which a spammer can choose. Here all of them are shown.
 */
function readFrom(field: string): From {
  const text = displayText(field, MAX_FIELD)
  const bracketed = [...text.matchAll(/<([^<>]*)>/g)].map(match => (match[1] ?? '').trim()).filter(hasAddress)
  if (bracketed.length > 0) {
    return { name: unquoted(text.replace(/<[^<>]*>/g, ' ')), addresses: [...new Set(bracketed)] }
  }
  const withComment = /^([^\s<>"(),;]+@[^\s<>"(),;]+)\s*(?:\((.*)\))?$/.exec(text)
  if (withComment?.[1]) return { name: unquoted(withComment[2] ?? ''), addresses: [withComment[1]] }
  return withoutAddress(text)
}

const MAX_FIELD = 512

const hasAddress = (text: string): boolean => /[^@]@[^@]/.test(text)

/** The field has no address, or one whose end may be cut off; half an address could be somebody else's. */
function withoutAddress(text: string): From {
  const open = text.lastIndexOf('<')
  if (open < 0) return { name: unquoted(text), addresses: [] }
  const rest = text.slice(open + 1).trim()
  const isComplete = text.length < CUT_OFF && hasAddress(rest) && !rest.includes(' ')
  return { name: unquoted(text.slice(0, open)), addresses: isComplete ? [rest] : [] }
}

/** `"Smith, Anna"` and `'Anna'` without their quotes, `(Anna)` without its parentheses. */
function unquoted(name: string): string {
  const trimmed = name.replace(/\s+/g, ' ').trim()
  const inside = /^(["'])(.*)\1$/.exec(trimmed)?.[2] ?? /^\(([^()]*)\)$/.exec(trimmed)?.[1] ?? trimmed
  return inside.replace(/\\(["\\])/g, '$1').trim()
}

function claimsAnother(name: string, addresses: readonly string[]): boolean {
  if (!name.includes('@')) return false
  const claimed = name.match(/[^\s<>"'()[\],;]+@[^\s<>"'()[\],;]+\.[^\s<>"'()[\],;]+/g) ?? []
  return claimed.some(claim => !addresses.some(address => sameAddress(address, claim)))
}

/**
 * Compares the displayed form, which is the same for both spellings of a domain (`münchen.de`, `xn--mnchen-3ya.de`).
 */
const sameAddress = (one: string, other: string): boolean =>
  displayAddress(one, MAX_FIELD).toLowerCase() === displayAddress(other, MAX_FIELD).toLowerCase()
