import { displayAddress } from './address.ts'
import { displayText } from './text.ts'

/** Who a message says it is from, in pieces that are safe to show as text. */
export interface DisplaySender {
  /** The display name; empty when there is none, or none that tells more than the address. */
  readonly name: string
  /** The address in the From field; empty when it holds none that can be told for sure. */
  readonly address: string
  /** The envelope sender, where it differs from the address; undefined where it does not, and for a bounce. */
  readonly envelope: string | undefined
  /** The envelope sender is empty (RFC 5321, 4.5.5): a delivery report or an automatic answer. */
  readonly isBounce: boolean
  /** The name holds an address, and it is not the one that the message is from: a classic deception. */
  readonly nameClaimsAnother: boolean
}

/** @param mail its From field, decoded and perhaps cut off at 255 characters, and its envelope sender */
export function displaySender(mail: { readonly from: string; readonly sender: string }): DisplaySender {
  const { name, addresses } = readFrom(mail.from)
  const address = addresses.map(each => displayAddress(each)).join(', ')
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

/** `msgs.from_addr` is a varchar(255): what is about as long may lack its end. */
const CUT_OFF = 240

interface From {
  readonly name: string
  readonly addresses: readonly string[]
}

/**
 * Not a parser of RFC 5322, because this is not RFC 5322 any more: amavisd stores the field with its encoded words
 * decoded, so that quotes, commas and brackets in a name look like syntax. The address parsers of postal-mime and
 * nodemailer take the first of two bracketed addresses, which the spammer can choose; here, where there are several,
 * all are shown.
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

/** No address, or one whose end was cut off: half an address would be somebody else's. */
function withoutAddress(text: string): From {
  const open = text.lastIndexOf('<')
  if (open < 0) return { name: unquoted(text), addresses: [] }
  const rest = text.slice(open + 1).trim()
  const isWhole = text.length < CUT_OFF && hasAddress(rest) && !rest.includes(' ')
  return { name: unquoted(text.slice(0, open)), addresses: isWhole ? [rest] : [] }
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

/** A domain has two spellings (`münchen.de`, `xn--mnchen-3ya.de`), and both are shown in one. */
const sameAddress = (one: string, other: string): boolean =>
  displayAddress(one, MAX_FIELD).toLowerCase() === displayAddress(other, MAX_FIELD).toLowerCase()
