import { displayAddress } from '../../../ground/display/address.ts'
import { formatTime, type Place } from '../../../ground/display/format.ts'
import { inertForHtml, inertForText } from '../../../ground/display/inert.ts'
import { formatLanguage } from '../../../ground/display/language.ts'
import { mailtoUrl } from '../../../ground/display/mailto-url.ts'
import { timeZoneTitle } from '../../../ground/display/time-zone-title.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import { rowTimes } from './row-words.ts'
import type { DigestView } from './view.ts'

/** The two parts of a digest. Each has its own way of making text from mails harmless. */
export type Medium = 'html' | 'text'

/** The values for the templates of a digest, except its rows. Every key is present, if only as undefined. */
export interface FrameModel {
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  /** Where a line starts and ends, for the mail programs that do not know `start` and `end`. */
  readonly start: 'left' | 'right'
  readonly end: 'left' | 'right'
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
  readonly links: DigestView['links']
  readonly contact: { readonly address: string; readonly url: string } | undefined
}

/**
 * The values of both parts. They differ only in what comes from mails and from the reader.
 *
 * @param senders the first senders, safe to show in HTML
 */
export function frameModels(
  view: DigestView,
  senders: readonly string[],
  words: Words,
): Readonly<Record<Medium, FrameModel>> {
  const place = placeOf(view, words)
  // A digest without messages has sentences of its own.
  const group = view.total === 0 ? 'digest.nothing' : 'digest'
  const counted = { count: view.total, day: formatTime(view.createdAt, 'shortDate', place) }
  const same = {
    language: words.language,
    direction: words.direction,
    start: words.direction === 'ltr' ? 'left' : 'right',
    end: words.direction === 'ltr' ? 'right' : 'left',
    subject: words.say(`${group}.subject`, counted),
    brand: view.brand.name,
    logo: view.brand.logo,
    title: words.say(`${group}.title`, counted),
    intro: words.say(`${group}.intro`, counted),
    until: view.total === 0 ? '' : untilOf(view, words, place),
    total: view.total,
    zone: words.say('digest.zone', { timeZone: timeZoneTitle(place, view.createdAt) }),
    preheader: preheaderOf(view, senders, words),
    host: words.say('digest.host', { host: hostOf(view.links.preferences) }),
    links: view.links,
    contact: view.contact === undefined ? undefined : contactOf(view.contact),
  } as const
  const since = view.since === undefined ? undefined : formatTime(view.since, 'moment', place)
  const modelOf = (medium: Medium): FrameModel => {
    const reader = readerOf(view, medium)
    return {
      ...same,
      forSince:
        since === undefined
          ? words.say('digest.nothing.for', { reader })
          : words.say('digest.forSince', { reader, since }),
      phrase: INERT[medium](view.phrase),
      why: words.say(`${group}.why`, { reader }),
    }
  }
  return { html: modelOf('html'), text: modelOf('text') }
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

const readerOf = ({ reader }: DigestView, medium: Medium): string =>
  ORDINARY_ADDRESS.test(reader) ? reader : INERT[medium](displayAddress(reader))

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

const untilOf = (view: DigestView, words: Words, place: Place): string =>
  words.say('digest.until', { until: rowTimes(place).until(view.releasableUntil, view.createdAt) })

const hostOf = (url: string): string => url.split('/', 3)[2] ?? ''

const contactOf = (address: string) => ({
  address,
  url: mailtoUrl(address),
})
