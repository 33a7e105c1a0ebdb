import { DAY } from '../../../../ground/durations.ts'
import { formatSearch } from '../../../../rules/search/format-search.ts'
import { parseSearch } from '../../../../rules/search/parse-search.ts'
import type { Search } from '../../../../rules/search/search.ts'
import { type SearchFault, SearchMistake } from '../../../../rules/search/search-mistake.ts'
import type { SearchContext } from '../../../../rules/search/search-times.ts'
import { startOfDay } from '../../../../rules/time/local-time.ts'
import { type FieldValues, fieldsIn, searchOfFields } from './search-fields.ts'

/** What somebody typed into the search box, and what it means. */
export interface ReadQuery {
  /** As it was typed. */
  readonly text: string
  /** Undefined where it cannot be read. */
  readonly search: Search | undefined
  readonly fault: SearchFault | undefined
}

/** Reads what was typed. */
export function readQuery(text: string, context: SearchContext): ReadQuery {
  try {
    return { text, search: parseSearch(text, context), fault: undefined }
  } catch (error) {
    if (error instanceof SearchMistake) return { text, search: undefined, fault: error.fault }
    throw error
  }
}

/** The same search from an earlier day on. @param from milliseconds since the epoch */
export const since = (search: Search, from: number, timeZone: string): string =>
  formatSearch({ ...search, after: startOfDay(Math.max(from, DAY), timeZone) }, timeZone)

/** What the form with a field for each condition asks for, as it could have been typed. */
export function queryOfFields(query: URLSearchParams, timeZone: string): string {
  const fields = fieldsIn(query)
  return [fields.words, formatSearch(searchOfFields(fields), timeZone), ...rangesOf(fields)]
    .filter(part => part !== '')
    .join(' ')
}

/** As they were filled in: if they cannot be read, the search says so. */
const rangesOf = ({ score, size, after, before }: FieldValues): string[] => [
  rangeOf('score', score.least, score.most),
  rangeOf('size', size.least, size.most),
  after === '' ? '' : `after:${after}`,
  before === '' ? '' : `before:${before}`,
]

const rangeOf = (name: string, least: string, most: string): string =>
  least === '' && most === '' ? '' : `${name}:${least}..${most}`

/** What was received on a day. @param day as `2026-03-11` */
export const queryOfDay = (day: string): string =>
  `after:${day} before:${new Date(Date.parse(day) + DAY).toISOString().slice(0, 10)}`

/** Whatever has become of it. */
export const ANY_STATE = 'is:held is:requested is:released is:deleted'
