import { standardComparison } from './parse-search.ts'
import { formatRange } from './ranges.ts'
import type { Comparison, RangeCondition, Search, TextCondition } from './search.ts'
import { formatSearchTime } from './search-times.ts'

/** Writes a search as `parseSearch` reads it in the same time zone. */
export const formatSearch = (search: Search, timeZone: string): string =>
  [
    ...search.texts.map(formatText),
    ...search.kinds.map(({ value, not }) => `${sign(not)}type:${value}`),
    ...search.states.map(({ value, not }) => `${sign(not)}is:${value}`),
    ...search.scores.map(range => formatNumbers('score', range)),
    ...search.sizes.map(range => formatNumbers('size', range)),
    ...(search.after === undefined ? [] : [`after:${formatSearchTime(search.after, timeZone)}`]),
    ...(search.before === undefined ? [] : [`before:${formatSearchTime(search.before, timeZone)}`]),
  ].join(' ')

const sign = (not: boolean): string => (not ? '-' : '')

const formatNumbers = (field: string, range: RangeCondition): string =>
  `${sign(range.not)}${field}:${formatRange(range)}`

const formatText = (condition: TextCondition): string =>
  `${sign(condition.not)}${condition.field === 'words' ? '' : `${condition.field}:`}${formatValue(condition)}`

/** A value with the signs that say how it is compared. */
export function formatValue({ field, how, text }: Pick<TextCondition, 'field' | 'how' | 'text'>): string {
  // Brackets around a mail id are dropped, and an empty one is refused, unless it is called the whole.
  const isSigned = field === 'id' && (text === '' || text.startsWith('<'))
  const isStandard = how === standardComparison(field, text) && !isSigned
  const [before, after] = isStandard ? ['', ''] : SIGNS[how]
  return `${before}${PLAIN.test(text) ? text : quoted(text)}${after}`
}

const SIGNS: Readonly<Record<Comparison, readonly [string, string]>> = {
  contains: ['*', '*'],
  equals: ['=', ''],
  begins: ['', '*'],
  ends: ['*', ''],
}

/** What nobody could take for a sign or for a field. */
const PLAIN = /^[^\s"*=:<-][^\s"*:]*$/u

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
