import type { Entry as FoundEntry } from 'ldapts'
import { displayText } from '../../display/text.ts'
import { ownerName } from '../owner-facts.ts'
import { readerAddress } from '../reader-address.ts'
import { languageOf } from './language.ts'
import type { LdapSettings } from './settings.ts'

/** What an entry of the directory says about a mailbox. */
export interface Entry {
  /** The distinguished name, safe to show. */
  readonly row: string
  /** In the form of `readerAddress`. */
  readonly addresses: ReadonlySet<string>
  /** Who reads its mail, in the form of `readerAddress`. Undefined: it has no mailbox, or all its mail is sent on. */
  readonly reader: string | undefined
  /** Where its mail is sent on to, in the form of `readerAddress`; `too-many` if that is more than is followed. */
  readonly forwards: readonly string[] | 'too-many'
  readonly isOff: boolean
  readonly language: string | undefined
  readonly name: string | undefined
}

/**
 * @param addressAttributes see `addressAttributesOf`
 * @param isOff whether it matches `offFilter`
 */
export function readEntry(
  found: FoundEntry,
  settings: LdapSettings,
  addressAttributes: readonly string[],
  isOff: boolean,
): Entry {
  const texts = (attribute: string) => textsOf(found, attribute)
  const addressesOf = (attributes: readonly string[]) =>
    new Set(attributes.flatMap(attribute => addressesAt(found, attribute)))
  const [mailbox] = addressesOf([settings.mailboxAttribute])
  const addresses = addressesOf(addressAttributes)
  const destinations = addressesOf(settings.forwardAttributes)
  const forwards = destinations.difference(addresses)
  // Whoever has the mail sent to one of the entry's own addresses, too, keeps it.
  const isKept = forwards.size === 0 || forwards.size < destinations.size
  return {
    row: displayText(found.dn, MAX_ROW),
    addresses,
    reader: isKept ? mailbox : undefined,
    forwards: forwards.size > MAX_FORWARDS ? 'too-many' : [...forwards],
    isOff,
    language: languageOf(texts(settings.languageAttribute)),
    name: texts(settings.nameAttribute)
      .map(ownerName)
      .find(name => name !== undefined),
  }
}

/** In graphemes. */
const MAX_ROW = 200

/** As many as Postfix sends mail on to (`virtual_alias_expansion_limit`); it delivers to none of them if there are more. */
const MAX_FORWARDS = 1_000

/**
 * The values of an attribute that are addresses, in the form of `readerAddress`. Active Directory writes `SMTP:` before
 * the main address, which sorts first, `smtp:` before the others, and other prefixes (`X500:`, `sip:`) before what is no
 * address of mail.
 */
export const addressesAt = (found: FoundEntry, attribute: string): readonly string[] =>
  textsOf(found, attribute)
    .filter(text => text.length <= MAX_ADDRESS_TEXT)
    .map(text => readerAddress(text.trim().replace(/^smtp:/i, '')))
    .filter(address => address !== undefined)

const MAX_ADDRESS_TEXT = 300

/**
 * The values of an attribute that are text, in an order that does not change: servers keep none (RFC 4511, section
 * 4.1.7). The server may write the attribute's name in another case, and options after it (`proxyAddresses;range=0-1499`).
 */
function textsOf(found: FoundEntry, attribute: string): readonly string[] {
  const wanted = attribute.toLowerCase()
  return Object.entries(found)
    .filter(([name]) => name.toLowerCase().split(';')[0] === wanted)
    .flatMap(([, values]) => values)
    .map(value => (typeof value === 'string' ? value : decoded(value)))
    .filter(text => text !== undefined)
    .sort()
}

/** ldapts returns all values of an attribute as octets if one of them is no UTF-8. */
function decoded(octets: Uint8Array): string | undefined {
  try {
    return UTF8.decode(octets)
  } catch {
    return undefined
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })
