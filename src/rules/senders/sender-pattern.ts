import { keyOfAddress } from '../../ground/directory/amavis/lookup-keys.ts'
import { domainName, readerAddress } from '../../ground/directory/reader-address.ts'
import { displayText } from '../../ground/display/text.ts'
import { CodedError } from '../../ground/errors.ts'
import type { SenderPattern } from './sender-entry.ts'
import { mayBeWide } from './wide-entries.ts'

/**
 * What somebody typed, as an entry that amavisd follows. `@example.com` and `@.example.com` are taken as they are meant;
 * forms that other programs know and amavisd never matches (`example.com`, `*@example.com`) are refused, so that nobody
 * lets a whole domain in by leaving a name out.
 *
 * @throws CodedError SENDER_INVALID, with what to write instead
 */
export function senderPattern(typed: string): SenderPattern {
  if (typed.length > MOST_TYPED) throw tooLong()
  const text = withoutName(typed.trim().normalize('NFC'))
  if (text === '') throw invalid('Write an address such as bob@example.com.')
  if (EVERYBODY.test(text)) throw invalid('An entry for everybody would be no list. Write an address.')
  const [, dot, domain] = /^@(\.?)([^@]+)$/s.exec(text) ?? []
  if (domain !== undefined) return `@${dot}${requireDomain(domain, text)}`
  if (text.includes('*')) throw wildcard(text)
  if (!text.includes('@')) throw withoutAt(text)
  return requireAddress(text)
}

/** Characters. An address has at most 254; a name may stand before it. */
const MOST_TYPED = 1000

/** `Bob <bob@example.com>`, `mailto:bob@example.com` */
function withoutName(text: string): string {
  const [, within = text] = /<([^<>]*)>$/.exec(text) ?? []
  return within.trim().replace(/^mailto:/i, '')
}

/** What amavisd, Postfix and people write for all senders. */
const EVERYBODY = /^(?:\*?@?[.*]?|\*@\*(?:\.\*)*|@\*(?:\.\*)*)$/

function requireDomain(text: string, whole: string): string {
  const domain = domainName(text)
  if (domain !== undefined && domain.length > LONGEST_DOMAIN) throw tooLong()
  if (domain !== undefined) return domain
  const stars = /^(?:\*\.)+(.+)$/.exec(text)?.[1]
  if (stars !== undefined) throw wildcard(whole)
  throw invalid(`There is no domain ${shown(text)}. Write a domain such as @example.com.`)
}

/** `*@example.com`, `*.example.com`, `@*.example.com`, `*@*.example.com` */
function wildcard(text: string): CodedError {
  const [, dot, rest = ''] = /^(?:\*?@)?(\*?\.)?([^*@]+)$/.exec(text) ?? []
  const domain = domainName(rest)
  if (domain === undefined) return invalid('amavisd knows no asterisks. Write an address or @example.com.')
  if (!mayBeWide(domain, [])) return invalid(`amavisd knows no asterisks. ${oneAddressAt(domain)}`)
  return invalid(dot === undefined ? `Write ${everybodyAt(domain)}.` : `Write ${everybodyBelow(domain)}.`)
}

/** `example.com`, `.example.com`, `bob` */
function withoutAt(text: string): CodedError {
  const domain = domainName(text.replace(/^\./, ''))
  if (domain === undefined || !domain.includes('.'))
    return invalid('An address has an @. Write an address such as bob@example.com.')
  if (!mayBeWide(domain, [])) return invalid(oneAddressAt(domain))
  return invalid(`Write ${text.startsWith('.') ? everybodyBelow(domain) : everybodyAt(domain)}.`)
}

/** Where an entry for everybody would be refused next. */
const oneAddressAt = (domain: string) =>
  `Not all of ${domain} is one sender. Write an address such as bob@${domain.includes('.') ? domain : 'example.com'}.`

const everybodyAt = (domain: string) => `@${domain} for everybody at ${domain}`
const everybodyBelow = (domain: string) => `@.${domain} for everybody at ${domain} and its subdomains`

function requireAddress(text: string): string {
  const address = readerAddress(text)
  if (address === undefined) {
    if (/[^@]@[^@]*$/.test(text) && text.length > LONGEST_ADDRESS) throw tooLong()
    throw invalid(`${shown(text)} is no address. Write an address such as bob@example.com.`)
  }
  const key = keyOfAddress(address)
  const domain = domainName(key.slice(key.lastIndexOf('@') + 1))
  if (domain === undefined)
    throw invalid(`${shown(text)} has no domain. Write an address such as bob@example.com.`)
  if (key.length > LONGEST_ADDRESS) throw tooLong()
  // How amavisd compares other letters depends on its configuration, and PostgreSQL reads a backslash as an escape.
  if (!UNMISTAKABLE.test(key)) {
    const instead = mayBeWide(domain, []) ? ` Write ${everybodyAt(domain)}.` : ''
    throw invalid(`amavisd may not recognise ${shown(text)}.${instead}`)
  }
  return key
}

/** RFC 5321, section 4.5.3.1.3, without the brackets. */
const LONGEST_ADDRESS = 254

/** RFC 1035, section 2.3.4, as it is written. */
const LONGEST_DOMAIN = 253

/** Printing ASCII but the backslash. */
const UNMISTAKABLE = /^[\x20-\x5b\x5d-\x7e]+$/

const tooLong = () => invalid(`An address has at most ${LONGEST_ADDRESS} characters.`)

const shown = (text: string): string => displayText(text, MOST_SHOWN)

/** Graphemes. */
const MOST_SHOWN = 80

const invalid = (message: string) => new CodedError('SENDER_INVALID', message)
