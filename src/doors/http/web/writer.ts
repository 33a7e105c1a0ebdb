import { formatTime, type Place, type TimeStyle } from '../../../ground/display/format.ts'
import { formatLanguage } from '../../../ground/display/language.ts'
import type { Words } from '../../../ground/i18n/locales.ts'

/** Writes words, numbers, times and URLs for one page: in the language and time zone of who reads it. */
export interface Writer {
  readonly words: Words
  readonly place: Place
  number(value: number): string
  time(at: number, style?: TimeStyle): string
  /** The URL of one of our own paths (`/admin/schedules`). */
  url(path: string): string
}

export interface WriterContext {
  /** BCP 47 tags in the order of preference. */
  readonly languages: readonly string[]
  readonly timeZone: string
  readonly now: number
  /** The path of `publicUrl`, without a trailing slash. */
  readonly base: string
}

/** @param words in the first of the context's languages that has a translation */
export const writerFor = (words: Words, { languages, timeZone, now, base }: WriterContext): Writer =>
  writerAt(
    words,
    { language: formatLanguage(languages[0] ?? words.language, words.language), timeZone, now },
    base,
  )

/** @param base the path of `publicUrl`, without a trailing slash */
export function writerAt(words: Words, place: Place, base: string): Writer {
  const numbers = new Intl.NumberFormat(words.language)
  return {
    words,
    place,
    number: value => numbers.format(value),
    time: (at, style = 'moment') => formatTime(at, style, place),
    url: path => base + path,
  }
}
