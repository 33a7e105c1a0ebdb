import { optionsOf } from '../../web/options.ts'
import type { Writer } from '../../web/writer.ts'

/** The number of days that a page covers (`?days=30`), if it is one of those offered. */
export const daysIn = <Days extends number>(
  query: URLSearchParams,
  offered: readonly Days[],
  standard: Days,
): Days => offered.find(days => String(days) === query.get('days')) ?? standard

/** The choice of days. @param words the locale key that names a number of days */
export const spanModel = (
  offered: readonly number[],
  chosen: number,
  words: string,
  writer: Writer,
): object[] => optionsOf(offered, chosen, count => writer.words.say(words, { count }))
