import { displayAddress } from '../../../ground/display/address.ts'
import type { Place } from '../../../ground/display/format.ts'
import { inertForHtml, inertForText } from '../../../ground/display/inert.ts'
import { formatLanguage } from '../../../ground/display/language.ts'
import { mailtoUrl } from '../../../ground/display/mailto-url.ts'
import { timeZoneTitle } from '../../../ground/display/time-zone-title.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import { type RowTimes, rowTimes } from './row-words.ts'
import type { DigestView } from './view.ts'

/** The two parts of a digest. Each has its own way of quoting text from mails. */
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
  /** Whose digest it is; empty if the configuration does not say. */
  readonly brand: string
  readonly logo: DigestView['brand']['logo']
  /** The reader's own words; empty if there are none. */
  readonly phrase: string
  readonly title: string
  readonly intro: string
  /** Until when its messages can be released, where they share that; may be empty. */
  readonly until: string
  readonly total: number
  readonly forSince: string
  readonly why: string
  readonly zone: string
  /** Where its links lead. */
  readonly host: string
  readonly links: Readonly<Record<'digest' | 'preferences', string>> & Pick<DigestView['links'], 'canary'>
  /** Whether it is a copy for somebody else than the reader, who must not change the reader's settings. */
  readonly isCopy: boolean
  readonly contact: { readonly address: string; readonly url: string } | undefined
}

/**
 * The values of both parts. They differ only in what comes from the reader.
 *
 * @param senders the first senders, safe to show without invisible characters
 */
export function frameModels(
  view: DigestView,
  senders: readonly string[],
  words: Words,
): Readonly<Record<Medium, FrameModel>> {
  const place = placeOf(view, words)
  const times = rowTimes(place)
  // A digest without messages has sentences of its own.
  const group = view.total === 0 ? 'digest.nothing' : 'digest'
  const counted = { count: view.total, day: times.day(view.createdAt) }
  const same = {
    language: words.language,
    direction: words.direction,
    start: words.direction === 'ltr' ? 'left' : 'right',
    subject: subjectOf(view, words.say(`${group}.subject`, counted), words),
    brand: view.brand.name,
    logo: view.brand.logo,
    title: words.say(`${group}.title`, counted),
    intro: introOf(view, words.say(`${group}.intro`, counted), words),
    until: view.total === 0 ? '' : untilOf(view, words, times),
    total: view.total,
    zone: words.say('digest.zone', { timeZone: timeZoneTitle(place, view.createdAt) }),
    preheader: preheaderOf(view, senders, words),
    host: words.say('digest.host', { host: hostOf(view.links.digest) }),
    // A template of an earlier version shows this link in a copy, too.
    links: { ...view.links, preferences: view.links.preferences ?? view.links.digest },
    isCopy: view.copyFor !== undefined,
    contact: view.contact === undefined ? undefined : contactOf(view.contact),
  } as const
  const since = view.since === undefined ? undefined : times.moment(view.since)
  const model = { ...same, forSince: forSinceOf(view, since, words), why: whyOf(view, group, words) }
  return {
    html: { ...model, phrase: inertForHtml(view.phrase) },
    text: { ...model, phrase: inertForText(view.phrase) },
  }
}

function subjectOf(view: DigestView, subject: string, words: Words): string {
  return view.copyFor === undefined
    ? subject
    : words.say('digest.copy.subject', { reader: inMail(view.reader), subject })
}

/** How to get a message: by the one word that all its buttons have, where all have to be asked for. */
function introOf(view: DigestView, usual: string, words: Words): string {
  if (view.copyFor !== undefined) return words.say('digest.copy.intro', { reader: inMail(view.reader) })
  return isAllAskedFor(view) ? words.say('digest.askIntro') : usual
}

const isAllAskedFor = ({ entries }: DigestView): boolean =>
  entries.length > 0 && entries.every(({ offer }) => offer === 'request')

function forSinceOf(view: DigestView, since: string | undefined, words: Words): string {
  const reader = inMail(view.reader)
  if (since === undefined) return words.say('digest.nothing.for', { reader })
  if (view.copyFor === undefined) return words.say('digest.forSince', { reader, since })
  return words.say('digest.copy.forSince', { reader, to: inMail(view.copyFor), since })
}

function whyOf(view: DigestView, group: string, words: Words): string {
  const reader = inMail(view.reader)
  if (view.copyFor === undefined) return words.say(`${group}.why`, { reader })
  return words.say('digest.copy.why', { reader, to: inMail(view.copyFor) })
}

/**
 * An ordinary address of the reader is shown as it is. Others are made inert, because anyone can choose a local part
 * where a domain accepts all of them. They are made so visibly, because a screen reader speaks the sentence. An
 * apostrophe is as ordinary as a letter (`o'neil@example.com`).
 */
const ORDINARY_ADDRESS = /^(?![Ww]{3}\b)[\p{L}\p{M}\p{N}\w.+='&~-]{1,64}@[\p{L}\p{M}\p{N}\w.-]+$/u

function inMail(address: string): string {
  if (ORDINARY_ADDRESS.test(address)) return address
  const shown = displayAddress(address)
  return ORDINARY_ADDRESS.test(shown) ? shown : inertForText(shown)
}

export const placeOf = (view: DigestView, words: Words): Place => ({
  language: formatLanguage(view.language, words.language),
  timeZone: view.timeZone,
})

/** A mail program shows it in its list. The first senders tell a reader at once whether to open the mail. */
function preheaderOf(view: DigestView, senders: readonly string[], words: Words): string {
  if (view.total === 0) return words.say('digest.nothing.preheader')
  const rest = view.total - senders.length
  const named = senders.join(', ')
  return rest <= 0
    ? words.say('digest.preheader', { senders: named })
    : words.say('digest.preheaderMore', { senders: named, rest })
}

/** How many senders a preheader names. */
export const MOST_NAMED = 3

const untilOf = (view: DigestView, words: Words, times: RowTimes): string =>
  words.say(isAllAskedFor(view) ? 'digest.askUntil' : 'digest.until', {
    until: times.until(view.releasableUntil, view.createdAt),
  })

const hostOf = (url: string): string => url.split('/', 3)[2] ?? ''

const contactOf = (address: string) => ({
  address,
  url: mailtoUrl(address),
})
