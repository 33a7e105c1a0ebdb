import { type ContentKind, KINDS } from '../../ground/amavis/content.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import { parseRange, SCORES, SIZES } from './ranges.ts'
import {
  type Choice,
  type Comparison,
  SEARCH_STATES,
  type Search,
  type SearchState,
  type TextCondition,
  type TextField,
} from './search.ts'
import { SearchMistake } from './search-mistake.ts'
import { parseSearchTime, type SearchContext } from './search-times.ts'
import { type Term, termsOf } from './terms.ts'

/** Characters. */
export const LONGEST_SEARCH = 1000

/** More would take too long to be asked of each message. */
const MOST_CONDITIONS = 30

/**
 * Reads what somebody has typed into the search box. Words are looked for in sender and subject; `field:value` in a
 * field; `-` before either means not. A value may stand in quotes. `=value` is the whole of a field, `value*` its
 * beginning, `*value` its end, `*value*` or `value` a part; a whole address after `from:` or `to:`, and a mail id, are
 * meant as a whole. What has a colon but no known field before it is a word. See `docs/guides/search.md`.
 *
 * @throws CodedError REQUEST_INVALID
 */
export function parseSearch(text: string, context: SearchContext): Search {
  if (text.length > LONGEST_SEARCH)
    throw new SearchMistake(
      { is: 'long', count: LONGEST_SEARCH },
      `A search has at most ${LONGEST_SEARCH} characters: leave some words out.`,
    )
  const terms = termsOf(text)
  if (terms.length > MOST_CONDITIONS)
    throw new SearchMistake(
      { is: 'many', count: MOST_CONDITIONS },
      `A search has at most ${MOST_CONDITIONS} words: leave some out.`,
    )
  const search = {
    texts: terms.flatMap(textConditionOf),
    kinds: ofField(terms, 'type').flatMap(kindsOf),
    states: ofField(terms, 'is').map(stateOf),
    scores: ofField(terms, 'score').map(term => ({ ...parseRange(term, SCORES), not: term.not })),
    sizes: ofField(terms, 'size').map(term => ({ ...parseRange(term, SIZES), not: term.not })),
    after: latest(ofField(terms, 'after').map(term => parseSearchTime(term, context))),
    before: earliest(ofField(terms, 'before').map(term => parseSearchTime(term, context))),
  }
  if (search.after !== undefined && search.before !== undefined && search.after >= search.before)
    throw new SearchMistake(
      { is: 'order' },
      'Nothing can come after: the one time and before: the other one. Exchange the two.',
    )
  return search
}

const ofField = (terms: readonly Term[], field: Term['field']): readonly Term[] =>
  terms.filter(term => term.field === field)

const TEXT_FIELDS: ReadonlySet<string> = new Set<TextField>([
  'words',
  'from',
  'to',
  'subject',
  'id',
  'reason',
])

const isTextField = (field: string): field is TextField => TEXT_FIELDS.has(field)

function textConditionOf({ field, how, text, not }: Term): TextCondition[] {
  if (!isTextField(field)) return []
  const wanted = field === 'id' && !how ? text.replace(/^<(.*)>$/, '$1') : text
  if (wanted === '' && how !== 'equals') {
    if (field === 'words') return []
    throw new SearchMistake(
      { is: 'empty', field: `${field}:`, example: `${field}:word` },
      `Say after ${field}: what to look for, as in ${field}:word.`,
    )
  }
  return [{ field, how: how ?? standardComparison(field, wanted), text: wanted, not }]
}

/** How a value is compared that does not say it. */
export const standardComparison = (field: TextField, text: string): Comparison =>
  field === 'id' || ((field === 'from' || field === 'to') && isWholeAddress(text)) ? 'equals' : 'contains'

const isWholeAddress = (text: string): boolean => readerAddress(text) !== undefined && /@.+\../.test(text)

/** `type:spam`, or several kinds with commas. */
function kindsOf({ text, not }: Term): Choice<ContentKind>[] {
  return text.split(',').map(name => {
    const wanted = name.trim().toLowerCase()
    const kind = KINDS.find(known => known.toLowerCase() === wanted)
    if (!kind) throw unknownName('type:', KINDS)
    return { value: kind, not }
  })
}

function stateOf({ text, not }: Term): Choice<SearchState> {
  const wanted = text.trim().toLowerCase()
  const state = SEARCH_STATES.find(known => known === wanted)
  if (!state) throw unknownName('is:', SEARCH_STATES)
  return { value: state, not }
}

const unknownName = (field: string, known: readonly string[]): SearchMistake => {
  const names = known.join(', ')
  return new SearchMistake({ is: 'names', field, names }, `After ${field} there can be ${names}.`)
}

const latest = (times: readonly number[]): number | undefined =>
  times.length > 0 ? Math.max(...times) : undefined

const earliest = (times: readonly number[]): number | undefined =>
  times.length > 0 ? Math.min(...times) : undefined
