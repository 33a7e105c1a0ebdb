import { formatSearch } from './format-search.ts'
import { parseSearch } from './parse-search.ts'
import type { Search } from './search.ts'
import { formatSearchTime, type SearchContext } from './search-times.ts'

/** A search as the fields of a form. Each holds what stands after its name in the search box; empty: nothing. */
export type SearchFields = Readonly<Record<SearchFieldName, string>>

/** The fields of the form; `words` takes everything that the search box does. */
export const SEARCH_FIELDS = [
  'words',
  'from',
  'to',
  'subject',
  'id',
  'reason',
  'type',
  'is',
  'score',
  'size',
  'after',
  'before',
] as const

export type SearchFieldName = (typeof SEARCH_FIELDS)[number]

/** The text that says in the search box what the fields of a form say. */
export const searchText = (fields: Partial<SearchFields>): string =>
  SEARCH_FIELDS.flatMap(name => {
    const value = fields[name]?.trim() ?? ''
    if (value === '') return []
    return name === 'words' ? [value] : [`${name}:${NEEDS_NO_QUOTES.test(value) ? value : quoted(value)}`]
  }).join(' ')

/** A value without spaces, or one that has quotes of its own. */
const NEEDS_NO_QUOTES = /^(?:\S+|[=*]?"(?:[^"\\]|\\.)*"\*?)$/su

/** The signs before and after a value stay outside its quotes. */
function quoted(value: string): string {
  const [, before = '', text = '', after = ''] = /^([=*]?)(.*?)(\*?)$/s.exec(value) ?? []
  return `${before}"${text.replace(/["\\]/g, '\\$&')}"${after}`
}

/**
 * The fields of a form that say what a search says. Conditions for which a field has no room, such as a second sender, are
 * among the words.
 */
export function fieldsOf(search: Search, { timeZone }: SearchContext): SearchFields {
  const fields: Record<SearchFieldName, string> = { ...NO_FIELDS }
  const left = { ...NOTHING, texts: [], kinds: [], states: [], scores: [], sizes: [] } as Mutable
  for (const text of search.texts) place(fields, left.texts, text, text.field, { ...NOTHING, texts: [text] })
  for (const kind of search.kinds) place(fields, left.kinds, kind, 'type', { ...NOTHING, kinds: [kind] })
  for (const state of search.states) place(fields, left.states, state, 'is', { ...NOTHING, states: [state] })
  for (const score of search.scores)
    place(fields, left.scores, score, 'score', { ...NOTHING, scores: [score] })
  for (const size of search.sizes) place(fields, left.sizes, size, 'size', { ...NOTHING, sizes: [size] })
  for (const name of ['after', 'before'] as const) {
    const time = search[name]
    if (time !== undefined) fields[name] = formatSearchTime(time, timeZone)
  }
  fields.words = formatSearch(left, timeZone)
  return fields

  function place<Condition extends { readonly not: boolean }>(
    into: Record<SearchFieldName, string>,
    others: Condition[],
    condition: Condition,
    name: SearchFieldName,
    alone: Search,
  ): void {
    const isRoom = name !== 'words' && !condition.not && into[name] === ''
    if (isRoom) into[name] = formatSearch(alone, timeZone).slice(`${name}:`.length)
    else others.push(condition)
  }
}

type Mutable = {
  -readonly [Name in keyof Search]: Search[Name] extends readonly (infer Each)[] ? Each[] : Search[Name]
}

const NOTHING: Search = { texts: [], kinds: [], states: [], scores: [], sizes: [] }

const NO_FIELDS = Object.fromEntries(SEARCH_FIELDS.map(name => [name, ''])) as Record<SearchFieldName, string>

/** Reads the fields of a form. @throws CodedError REQUEST_INVALID */
export const parseSearchFields = (fields: Partial<SearchFields>, context: SearchContext): Search =>
  parseSearch(searchText(fields), context)
