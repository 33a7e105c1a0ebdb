import { displayAddress } from '../../../ground/display/address.ts'
import { formatSize, formatTime, knownTimeZone, type Place } from '../../../ground/display/format.ts'
import { breakUpWords, inertForHtml, inertForText } from '../../../ground/display/inert.ts'
import { formatLanguage } from '../../../ground/display/language.ts'
import { mailtoUrl } from '../../../ground/display/mailto-url.ts'
import { whyHeld } from '../../../ground/display/reason.ts'
import { type DisplaySender, displaySender, senderLine } from '../../../ground/display/sender.ts'
import { displayText } from '../../../ground/display/text.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import type { DigestEntry, DigestView } from './view.ts'

/** The two parts of a digest. Each has its own way of making text from mails harmless. */
export type Medium = 'html' | 'text'

/** The values for the templates of a digest, except its rows. Every key is present, if only as undefined. */
export interface FrameModel {
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  /** Where a line starts, for the mail programs that do not know `start`. */
  readonly start: 'left' | 'right'
  readonly subject: string
  /** What a mail program shows beside the subject. */
  readonly preheader: string
  readonly title: string
  readonly intro: string
  readonly total: number
  readonly forSince: string
  readonly why: string
  readonly zone: string
  readonly links: DigestView['links']
  readonly contact: { readonly address: string; readonly url: string } | undefined
}

/** One message. All strings are safe to show: they hold no hidden characters and no links. They are not escaped. */
export interface RowModel {
  readonly number: number
  readonly name: string
  readonly address: string
  /** The name shows an address that is not the sender's, so that the sender's own address has to stand before it. */
  readonly nameClaimsAnother: boolean
  /** Name and address in one line, or address and name. */
  readonly sender: string
  /** The envelope sender if it differs, otherwise empty. */
  readonly envelope: string
  readonly bounce: boolean
  readonly title: string
  /** Why it was held, with any other warnings. */
  readonly reason: string
  readonly facts: string
  readonly risky: boolean
  readonly button: string
  /** The button's text with the subject, for readers who hear the mail or tab from link to link. */
  readonly label: string
  readonly url: string
}

export function frameModel(view: DigestView, words: Words, medium: Medium): FrameModel {
  const reader = ORDINARY_ADDRESS.test(view.reader) ? view.reader : INERT[medium](displayAddress(view.reader))
  // A digest without messages has sentences of its own.
  const group = view.total === 0 ? 'digest.nothing' : 'digest'
  const say = (key: string) => words.say(`${group}.${key}`, { count: view.total, reader })
  return {
    language: words.language,
    direction: words.direction,
    start: words.direction === 'ltr' ? 'left' : 'right',
    subject: say('subject'),
    preheader: say('preheader'),
    title: say('title'),
    intro: say('intro'),
    total: view.total,
    forSince: forSince(view, reader, words),
    why: say('why'),
    zone: words.say('digest.zone', { timeZone: knownTimeZone(placeOf(view, words)) }),
    links: view.links,
    contact: view.contact === undefined ? undefined : contactOf(view.contact),
  }
}

function forSince(view: DigestView, reader: string, words: Words): string {
  if (view.since === undefined) return words.say('digest.nothing.for', { reader })
  return words.say('digest.forSince', {
    reader,
    since: formatTime(view.since, 'moment', placeOf(view, words)),
  })
}

export function rowModels(
  entry: DigestEntry,
  number: number,
  view: DigestView,
  words: Words,
): Readonly<Record<Medium, RowModel>> {
  const { mail, releaseUrl } = entry
  const risky = entry.offer !== 'release'
  const sender = displaySender(mail)
  const shown: Shown = {
    name: breakUpWords(sender.name),
    nameClaimsAnother: sender.nameClaimsAnother,
    address: sender.address,
    envelope: sender.envelope ?? '',
    title: breakUpWords(displayText(mail.subject, MAX_SUBJECT)) || words.say('display.noSubject'),
    label: breakUpWords(displayText(mail.subject, MAX_LABEL)) || words.say('display.noSubject'),
    unknown: words.say('display.unknownSender'),
  }
  const same = {
    number,
    bounce: sender.isBounce,
    reason: reasonOf(entry, sender, view, words),
    facts: factsOf(entry, placeOf(view, words), words),
    risky,
    button: words.say(risky ? 'digest.review' : 'digest.release'),
    url: releaseUrl,
  }
  const labelOf = (subject: string) =>
    words.say(risky ? 'digest.reviewThis' : 'digest.releaseThis', { subject })
  const html = inertRow(shown, inertForHtml)
  return {
    html: { ...same, ...html, label: labelOf(html.label) },
    text: { ...same, ...inertRow(shown, inertForText) },
  }
}

export const INERT = { html: inertForHtml, text: inertForText } as const satisfies Record<
  Medium,
  (text: string) => string
>

/**
 * An ordinary address of the reader is shown as it is. Others are made inert, because anyone can choose a local part
 * where a domain accepts all of them. An apostrophe is as ordinary as a letter (`o'neil@example.com`).
 */
const ORDINARY_ADDRESS = /^(?![Ww]{3}\b)[\p{L}\p{N}\w.+='&~-]{1,64}@[\w.-]+$/u

export const MAX_SUBJECT = 100
export const MAX_LABEL = 30

export const placeOf = (view: DigestView, words: Words): Place => ({
  language: formatLanguage(view.language, words.language),
  timeZone: view.timeZone,
})

const contactOf = (address: string) => ({
  address,
  url: mailtoUrl(address),
})

/** Text from a mail, cleaned but not yet inert. */
interface Shown {
  readonly name: string
  readonly nameClaimsAnother: boolean
  readonly address: string
  readonly envelope: string
  readonly title: string
  readonly label: string
  /** What to say when there is neither a name nor an address. */
  readonly unknown: string
}

function inertRow(shown: Shown, inert: (text: string) => string) {
  const name = inert(shown.name)
  const address = inert(shown.address) || (name ? '' : shown.unknown)
  return {
    name,
    address,
    nameClaimsAnother: shown.nameClaimsAnother,
    sender: senderLine({ name, address, nameClaimsAnother: shown.nameClaimsAnother }),
    envelope: inert(shown.envelope),
    title: inert(shown.title),
    label: inert(shown.label),
  }
}

function reasonOf(
  { mail, offer }: DigestEntry,
  sender: DisplaySender,
  view: DigestView,
  words: Words,
): string {
  const why = whyHeld(mail, words, placeOf(view, words).language)
  const reasons = [
    words.say('digest.reason', { why }),
    ...(offer === 'release' ? [] : [words.say('digest.risky')]),
    ...(sender.nameClaimsAnother ? [words.say('display.nameClaimsAnother')] : []),
  ]
  return reasons.join(' ')
}

const factsOf = ({ mail, releasableUntil }: DigestEntry, place: Place, words: Words): string =>
  words.say('digest.facts', {
    received: formatTime(mail.receivedAt, 'moment', place),
    size: formatSize(mail.size, place.language).replaceAll(' ', NO_BREAK),
    until: formatTime(releasableUntil, 'deadline', place).replace(' ', NO_BREAK),
  })

/** A no-break space, so that no line ends between a number and its unit or month. */
const NO_BREAK = '\u00A0'
