import type { Writer } from './admin-pages.ts'
import { optionsOf } from './options.ts'

/** The days that a page looks at, of those that it offers: `?days=30`. */
export const daysIn = <Days extends number>(
  query: URLSearchParams,
  offered: readonly Days[],
  standard: Days,
): Days => offered.find(days => String(days) === query.get('days')) ?? standard

/** The choice of days. @param words what so many days are called */
export const spanModel = (
  offered: readonly number[],
  chosen: number,
  words: string,
  writer: Writer,
): object[] => optionsOf(offered, chosen, count => writer.words.say(words, { count }))
