import { memo } from '../concurrency/memo.ts'

/** How to write numbers and times for a reader. A language or time zone unknown to Intl counts as `en` or `UTC`. */
export interface Place {
  /** BCP 47 tag. */
  readonly language: string
  /** IANA name. */
  readonly timeZone: string
  /** When the text is read: a day of another year is written with its year. */
  readonly now?: number | undefined
}

/**
 * `moment`: "Tue, Mar 5, 2:05 PM"; `day`: "Tuesday, March 5"; `shortDay`: "Mar 5"; `deadline`: "Mar 5, 2:05 PM";
 * `date`: "March 5, 2026"; `weekday`: "Tuesday"; `weekClock`: "Tue 2:05 PM"; `shortDate`: "Tue, Mar 5"; `dayOfMonth`: "March 5"; `clock`: "2:05 PM"; `year`: "2026".
 * A time outside the calendar becomes an empty string. The narrow blank before "PM", which few fonts have, is replaced
 * by a wider one.
 */
export function formatTime(time: number, style: TimeStyle, place: Place): string {
  if (!Number.isFinite(time) || Math.abs(time) > LAST_MILLISECOND) return ''
  const withYear = DAYS.has(style) && isOtherYear(time, place)
  const format = formatOf(style, place, withYear)
  const first = ORDINAL_STYLES.has(style) ? firstOfMonth(place.language) : undefined
  const text = first ? formatWithFirst(time, format, first) : format.format(time)
  return text.replaceAll('\u202F', '\u00A0')
}

/** The time zone in which times are actually written: UTC if the given one is unknown. */
export const knownTimeZone = (place: Place): string =>
  knownZones(place.timeZone, () => formatOf('moment', place).resolvedOptions().timeZone)

export type TimeStyle = keyof typeof TIME_STYLES

/** "4 kB", "1.3 MB": never less than 1 kB, because bytes mean nothing to a reader. */
export function formatSize(octets: number, language: string): string {
  const known = Number.isFinite(octets) && octets > 0 ? octets : 0
  const [unit, size] = SIZES.find(([, divisor]) => known >= divisor * 0.9995) ?? ['kilobyte', 1e3]
  const value = Math.max(known / size, unit === 'kilobyte' ? 1 : 0)
  return numbers(`${unit} ${language}`, () =>
    numberFormat(language, {
      style: 'unit',
      unit,
      unitDisplay: 'short',
      maximumFractionDigits: unit === 'kilobyte' ? 0 : 1,
    }),
  ).format(value)
}

/** "Monday, Tuesday and Friday". */
export const formatList = (parts: readonly string[], language: string): string =>
  lists(language, () => new Intl.ListFormat(languageOrEnglish(language))).format(parts)

/** SpamAssassin's score with one digit, never rounded up beyond a limit; undefined if the message was not scanned. */
export function formatScore(score: number | null, language: string): string | undefined {
  if (score === null || !Number.isFinite(score)) return undefined
  return numbers(`score ${language}`, () =>
    numberFormat(language, {
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
      roundingMode: 'trunc',
      signDisplay: 'negative',
    }),
  ).format(score)
}

const TIME_STYLES = {
  moment: { weekday: 'short', day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' },
  day: { weekday: 'long', day: 'numeric', month: 'long' },
  shortDay: { day: 'numeric', month: 'short' },
  deadline: { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' },
  date: { day: 'numeric', month: 'long', year: 'numeric' },
  weekday: { weekday: 'long' },
  weekClock: { weekday: 'short', hour: 'numeric', minute: '2-digit' },
  shortDate: { weekday: 'short', day: 'numeric', month: 'short' },
  dayOfMonth: { day: 'numeric', month: 'long' },
  clock: { hour: 'numeric', minute: '2-digit' },
  year: { year: 'numeric' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

/** The styles with the day of the month. */
const ORDINAL_STYLES: ReadonlySet<TimeStyle> = new Set(['moment', 'day', 'shortDay', 'deadline', 'date'])

/**
 * How the first day of a month is written in languages that count that day alone as an ordinal: "1er déc.". The
 * patterns of ICU have no ordinals. German and Czech write a dot after every day, which ICU does. In Portugal and
 * Spain it is a plain 1.
 */
const firstOfMonth = (language: string): string | undefined =>
  firsts(language, () => {
    const tag = languageOrEnglish(language)
    return FIRST_OF_MONTH[tag] ?? FIRST_OF_MONTH[tag.split('-')[0] ?? '']
  })

const FIRST_OF_MONTH: Readonly<Record<string, string>> = { fr: '1er', it: '1º', 'pt-BR': '1º' }

function formatWithFirst(time: number, format: Intl.DateTimeFormat, first: string): string {
  const parts = format.formatToParts(time)
  const isNumeric = parts.some(({ type, value }) => type === 'month' && /^\d/.test(value))
  return parts
    .map(({ type, value }) => (type === 'day' && value === '1' && !isNumeric ? first : value))
    .join('')
}

/** The styles that leave out the current year. */
const DAYS: ReadonlySet<TimeStyle> = new Set(['moment', 'day', 'shortDay', 'deadline'])

const isOtherYear = (time: number, place: Place): boolean =>
  place.now !== undefined && formatTime(time, 'year', place) !== formatTime(place.now, 'year', place)

/** ECMA-262, section 21.4.1.1. */
const LAST_MILLISECOND = 8.64e15

const SIZES = [
  ['gigabyte', 1e9],
  ['megabyte', 1e6],
] as const

/** Creating an Intl format costs about 50 µs and 30 kB, using one 1 µs. So they are kept, up to a limit. */
const MAX_KEPT = 500
const times = memo<Intl.DateTimeFormat>(MAX_KEPT)
const numbers = memo<Intl.NumberFormat>(MAX_KEPT)
const knownZones = memo<string>(MAX_KEPT)
const lists = memo<Intl.ListFormat>(MAX_KEPT)
const firsts = memo<string | undefined>(MAX_KEPT)

const formatOf = (style: TimeStyle, place: Place, withYear = false): Intl.DateTimeFormat =>
  times(`${style} ${withYear} ${place.timeZone} ${place.language}`, () =>
    timeFormat({ ...TIME_STYLES[style], ...(withYear ? TIME_STYLES.year : {}) }, place),
  )

function timeFormat(options: Intl.DateTimeFormatOptions, place: Place): Intl.DateTimeFormat {
  const language = languageOrEnglish(place.language)
  try {
    return new Intl.DateTimeFormat(language, { ...options, timeZone: place.timeZone })
  } catch {
    return new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' })
  }
}

const numberFormat = (language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat =>
  new Intl.NumberFormat(languageOrEnglish(language), options)

function languageOrEnglish(language: string): string {
  try {
    return Intl.getCanonicalLocales(language)[0] ?? 'en'
  } catch {
    return 'en'
  }
}
