import { type ContentKind, KINDS } from '../../../../ground/amavis/content.ts'
import {
  EMPTY_SEARCH,
  type RangeCondition,
  SEARCH_STATES,
  type Search,
  type SearchState,
  type TextCondition,
} from '../../../../rules/search/search.ts'
import { midnightBefore } from '../../../../rules/time/local-time.ts'

/** The fields of the form, as they are filled in. What is empty says nothing. */
export interface FieldValues {
  /** Words, and whatever no field can say, as it is typed into the search box. */
  readonly words: string
  readonly texts: Readonly<Record<TextFieldName, TextValue>>
  readonly type: ContentKind | undefined
  readonly state: SearchState | undefined
  readonly score: RangeValue
  readonly size: RangeValue
  /** As `2026-03-11`. */
  readonly after: string
  readonly before: string
}

export const TEXT_FIELDS = ['from', 'to', 'subject', 'reason', 'id'] as const

export type TextFieldName = (typeof TEXT_FIELDS)[number]

export interface TextValue {
  readonly how: How
  readonly text: string
}

/** What Mailzu could, and the beginning and the end. */
export const HOWS = ['contains', 'not', 'equals', 'notEquals', 'begins', 'ends'] as const

export type How = (typeof HOWS)[number]

export interface RangeValue {
  readonly least: string
  readonly most: string
}

/** Reads the fields from `?fields=yes&from=…&fromHow=…`. */
export function fieldsIn(query: URLSearchParams): FieldValues {
  const field = (name: string) => (query.get(name) ?? '').trim()
  const range = (name: string) => ({ least: field(`${name}Least`), most: field(`${name}Most`) })
  const text = (name: string) => ({
    how: HOWS.find(how => how === query.get(`${name}How`)) ?? 'contains',
    text: field(name),
  })
  return {
    words: field('q'),
    texts: {
      from: text('from'),
      to: text('to'),
      subject: text('subject'),
      reason: text('reason'),
      id: text('id'),
    },
    type: KINDS.find(kind => kind === query.get('type')),
    state: SEARCH_STATES.find(state => state === query.get('state')),
    score: range('score'),
    size: range('size'),
    after: field('since'),
    before: field('until'),
  }
}

/** The conditions of the fields, but for ranges and days. */
export const searchOfFields = ({ texts, type, state }: FieldValues): Search => ({
  ...EMPTY_SEARCH,
  texts: TEXT_FIELDS.flatMap(field => conditionsOf(field, texts[field])),
  kinds: type === undefined ? [] : [{ value: type, not: false }],
  states: state === undefined ? [] : [{ value: state, not: false }],
})

const conditionsOf = (field: TextFieldName, { how, text }: TextValue): TextCondition[] =>
  text === '' ? [] : [{ field, text, ...MEANINGS[how] }]

const MEANINGS = {
  contains: { how: 'contains', not: false },
  not: { how: 'contains', not: true },
  equals: { how: 'equals', not: false },
  notEquals: { how: 'equals', not: true },
  begins: { how: 'begins', not: false },
  ends: { how: 'ends', not: false },
} as const satisfies Record<How, Pick<TextCondition, 'how' | 'not'>>

/** What of a search the fields can say, and the rest, which stays as words. */
export interface FilledIn {
  readonly fields: Omit<FieldValues, 'words'>
  readonly rest: Search
}

/** Fills the fields with a search. A second condition for the same field is left to the rest. */
export function fillFields(search: Search, timeZone: string): FilledIn {
  const texts = { from: EMPTY, to: EMPTY, subject: EMPTY, reason: EMPTY, id: EMPTY }
  const taken = new Set<object>()
  for (const field of TEXT_FIELDS) {
    const condition = search.texts.find(text => text.field === field && howOf(text) !== undefined)
    if (!condition) continue
    texts[field] = { how: howOf(condition) ?? 'contains', text: condition.text }
    taken.add(condition)
  }
  const [kind] = search.kinds.filter(({ not }) => !not)
  const type = search.kinds.length === 1 ? kind : undefined
  const state = search.states.length === 1 && !search.states[0]?.not ? search.states[0] : undefined
  const score = search.scores.find(({ not }) => !not)
  const size = search.sizes.find(({ not }) => !not)
  return {
    fields: {
      texts,
      type: type?.value,
      state: state?.value,
      score: rangeValue(score, String),
      size: rangeValue(size, sizeText),
      after: dayOf(search.after, timeZone),
      before: dayOf(search.before, timeZone),
    },
    rest: {
      texts: search.texts.filter(text => !taken.has(text)),
      kinds: search.kinds.filter(choice => choice !== type),
      states: search.states.filter(choice => choice !== state),
      scores: search.scores.filter(range => range !== score),
      sizes: search.sizes.filter(range => range !== size),
    },
  }
}

const EMPTY: TextValue = { how: 'contains', text: '' }

const howOf = ({ how, not }: TextCondition): How | undefined =>
  HOWS.find(name => MEANINGS[name].how === how && MEANINGS[name].not === not)

const rangeValue = (range: RangeCondition | undefined, write: (value: number) => string): RangeValue => ({
  least: range?.least === undefined ? '' : write(range.least),
  most: range?.most === undefined ? '' : write(range.most),
})

/** As people write it: `500k`. */
const sizeText = (octets: number): string =>
  octets > 0 && octets % 1000 === 0 ? `${octets / 1000}k` : String(octets)

const dayOf = (at: number | undefined, timeZone: string): string =>
  at === undefined ? '' : new Date(midnightBefore(at, timeZone)).toISOString().slice(0, 10)
