import { decodeWords } from '../charsets/encoded-words.ts'
import { displayAddress } from './address.ts'
import { addressesIn, nearness, readable, sameAddress } from './address-look.ts'
import { type Mailbox, readMailboxes } from './mailboxes.ts'
import { displayText } from './text.ts'

/** Who a message says it is from, in parts that are safe to show as text. */
export interface DisplaySender {
  /** The display name; empty if there is none, or if it only repeats the address. */
  readonly name: string
  /**
   * The address in the From field, or all of them if it has several mailboxes. Empty if it has none that is certain;
   * then, if its text shows an address, this is the envelope sender.
   */
  readonly address: string
  /** The envelope sender if it differs from the address; undefined if it does not, and for a bounce. */
  readonly envelope: string | undefined
  /** The envelope sender is empty (RFC 5321, section 4.5.5): a delivery report or an automatic reply. */
  readonly isBounce: boolean
  /** The name contains an address other than the one that the message is from: a classic deception. */
  readonly nameClaimsAnother: boolean
}

/** @param mail its From field, decoded and possibly cut off at 255 characters, and its envelope sender */
export function displaySender(mail: SentBy): DisplaySender {
  return plainSender(mail) ?? anySender(mail)
}

interface SentBy {
  readonly from: string
  readonly sender: string
}

/**
 * The usual forms, plain and harmless: `Garden Shop <news@shop.example>` and `news@shop.example`. Most mail has them, and
 * this costs a tenth.
 */
function plainSender({ from, sender }: SentBy): DisplaySender | undefined {
  const [, quoted, unquoted = '', inBrackets, address = inBrackets ?? ''] = PLAIN.exec(from) ?? []
  const name = quoted ?? unquoted
  if (address === '' || name.length > MAX_NAME || address.includes('xn--')) return undefined
  return {
    name,
    address,
    envelope: sender === '' || sameAddress(address, sender) ? undefined : displayAddress(sender),
    isBounce: sender === '',
    nameClaimsAnother: false,
  }
}

/** Letters and digits that stay as they are, and in which nobody reads an at-sign. */
const LETTERS =
  '[A-Za-z0-9À-ÖØ-öø-ɏ\u0400-\u0481\u0621-\u063A\u0641-\u064A\u3041-\u3096\u30A1-\u30FA\u30FC\u4E00-\u9FA5\uAC00-\uD7A3]+'
const ADDRESS = '[a-z0-9](?:[a-z0-9._+-]{0,38}[a-z0-9])?@(?:[a-z0-9-]{1,20}\\.){1,3}[a-z]{2,12}'

const PLAIN = new RegExp(
  `^(?:(?:(?:"(${LETTERS}(?:(?:[,.!?]? | [&-] |-)${LETTERS})*)"|(${LETTERS}(?:(?: | [&-] |-)${LETTERS})*)) )?<(${ADDRESS})>|(${ADDRESS}))$`,
)

function anySender(mail: SentBy): DisplaySender {
  const { name, addresses } = readFrom(mail)
  const shown = joinAddresses(addresses.map(address => displayAddress(address)))
  const shownName = displayText(name, MAX_NAME)
  const isFrom = addresses.length === 1 && sameAddress(addresses[0] ?? '', mail.sender)
  return {
    name: repeats(shownName, shown) ? '' : shownName,
    address: shown,
    envelope: isFrom || mail.sender === '' ? undefined : displayAddress(mail.sender),
    isBounce: mail.sender === '',
    nameClaimsAnother: claimsAnother(name, addresses),
  }
}

/**
 * Name and address in the order in which they are shown, without those that are empty. The name comes first, unless it
 * shows an address that is not the sender's: then the sender's own does.
 */
export const senderParts = ({ name, address, nameClaimsAnother }: DisplaySender): string[] =>
  (nameClaimsAnother ? [address, name] : [name, address]).filter(part => part !== '')

/** The same in one line: `Anna <anna@a.example>`, or `x@evil.example (boss@bank.example)`. */
export function senderLine(sender: Pick<DisplaySender, 'name' | 'address' | 'nameClaimsAnother'>): string {
  const { name, address, nameClaimsAnother } = sender
  if (!name || !address) return name || address
  return nameClaimsAnother ? `${address} (${name})` : `${name} <${address}>`
}

const repeats = (name: string, address: string): boolean => {
  const read = readable(name)
  return read.includes('@') && sameAddress(read, address)
}

const MAX_NAME = 60

interface From {
  readonly name: string
  readonly addresses: readonly string[]
}

function readFrom({ from, sender }: SentBy): From {
  const field = displayText(from, MAX_FIELD)
  const mailboxes = sentFromFirst(readMailboxes(field, sender), sender)
  if (mailboxes.length === 0) return withoutMailbox(plainName(withoutCutAddress(field)), sender)
  const addresses = [...new Set(mailboxes.map(mailbox => mailbox.address))]
  return isHidden(sender, field, addresses)
    ? { name: plainName(field), addresses: [sender] }
    : { name: namesOf(mailboxes), addresses }
}

/**
 * Brackets with the envelope sender count for nothing, because of quotes or parentheses around them. These may have
 * come from encoded words, to hide the sender's own address; but not if the field ends as it should.
 */
function isHidden(sender: string, field: string, addresses: readonly string[]): boolean {
  if (!/["(]/.test(field) || addresses.some(address => field.endsWith(`<${address}>`))) return false
  if (addresses.some(address => sameAddress(address, sender))) return false
  return (field.match(BRACKETS) ?? []).some(found => sameAddress(found.slice(1, -1), sender))
}

const BRACKETS = /<[^<>]*@[^<>]*>/g

/** A text that shows an address, but has none that is certain, counts as a name of the envelope sender. */
const withoutMailbox = (name: string, sender: string): From => ({
  name,
  addresses: sender !== '' && addressesIn(name).length > 0 ? [sender] : [],
})

const MAX_FIELD = 512

/** The mailbox from which the message was sent comes first, or else one of the same domain. */
const sentFromFirst = (mailboxes: readonly Mailbox[], sender: string): readonly Mailbox[] =>
  mailboxes.length < 2
    ? mailboxes
    : mailboxes.toSorted((a, b) => nearness(b.address, sender) - nearness(a.address, sender))

const namesOf = (mailboxes: readonly Mailbox[]): string =>
  mailboxes
    .map(({ name }) => plainName(name))
    .filter(name => name !== '')
    .join(', ')

/** The field has no address, or one whose end may be cut off; half an address could be somebody else's. */
const withoutCutAddress = (field: string): string => field.replace(/<[^\s<>]*$/, '')

/** `"Smith, Anna"` and `'Anna'` without their quotes, `(Anna)` without its parentheses, and decoded. */
function plainName(name: string): string {
  const trimmed = decodeWords(name).replace(/\s+/g, ' ').trim()
  const inside = QUOTED.exec(trimmed)?.[2] ?? /^\(([^()]*)\)$/.exec(trimmed)?.[1] ?? trimmed
  return inside.replace(/\\(["\\])/g, '$1').trim()
}

const QUOTED = /^(["'])(.*)\1$/

/** A local part may look like an address, too (`"boss@bank.example"@evil.example`). */
function claimsAnother(name: string, addresses: readonly string[]): boolean {
  const localParts = addresses.map(address => address.slice(0, Math.max(0, address.lastIndexOf('@'))))
  return [name, ...localParts]
    .flatMap(addressesIn)
    .some(claim => !addresses.some(address => sameAddress(address, claim)))
}

/** As many addresses as there is room for, each of them whole. */
function joinAddresses(addresses: readonly string[]): string {
  let shown = addresses[0] ?? ''
  for (const address of addresses.slice(1)) {
    if (shown.length + address.length > MAX_ADDRESSES) return `${shown}, …`
    shown += `, ${address}`
  }
  return shown
}

const MAX_ADDRESSES = 160
