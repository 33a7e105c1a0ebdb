import { KINDS } from '../../../../ground/amavis/content.ts'
import { formatList } from '../../../../ground/display/format.ts'
import type { Words } from '../../../../ground/i18n/locales.ts'
import { formatSearch } from '../../../../rules/search/format-search.ts'
import { EMPTY_SEARCH, SEARCH_STATES, type Search } from '../../../../rules/search/search.ts'
import type { SearchFault } from '../../../../rules/search/search-mistake.ts'
import { optionsOf } from '../../web/options.ts'
import type { Writer } from '../../web/writer.ts'
import { type ListPlace, listQuery } from './list-place.ts'
import { fillFields, HOWS, type RangeValue, TEXT_FIELDS } from './search-fields.ts'
import type { ReadQuery } from './search-query.ts'

interface Searched {
  readonly place: ListPlace
  readonly read: ReadQuery
  readonly root: string
}

/** The search box, what is wrong in it, what it understands, and the same as fields. */
export function searchModel({ place, read, root }: Searched, writer: Writer): object {
  const { words, url, place: where } = writer
  const kept = listQuery({ ...place, q: '', after: undefined })
  return {
    searchAction: url(root),
    q: read.text,
    example: EXAMPLE,
    kept: [...kept].map(([name, value]) => ({ name, value })),
    fault: read.fault && faultSentence(read.fault, words),
    help: SEARCH_HELP.map(({ example, what, names }) => ({
      example,
      what: words.say(`quarantine.help.${what}`, names && { names: formatList(names, where.language) }),
    })),
    fields: fieldsModel(read.search ?? EMPTY_SEARCH, read, writer),
  }
}

const EXAMPLE = 'from:bank -type:spam after:7d'

/** Each kind of condition, as it is typed. A test reads every example. */
export const SEARCH_HELP: readonly {
  readonly example: string
  readonly what: string
  readonly names?: readonly string[]
}[] = [
  { example: 'garden invoice', what: 'words' },
  { example: '"garden invoice"', what: 'quotes' },
  { example: '-newsletter', what: 'not' },
  { example: 'from:shop@example.com', what: 'from' },
  { example: 'to:sales@example.com', what: 'to' },
  { example: 'subject:invoice', what: 'subject' },
  { example: 'subject:="Your order"', what: 'whole' },
  { example: 'subject:Re*', what: 'begins' },
  { example: 'from:*example.com', what: 'ends' },
  { example: 'reason:.exe', what: 'reason' },
  { example: 'type:banned', what: 'type', names: KINDS },
  { example: 'score:5..9', what: 'score' },
  { example: 'size:>1M', what: 'size' },
  { example: 'after:7d', what: 'after' },
  { example: 'before:2026-03-11', what: 'before' },
  { example: 'is:released', what: 'is', names: SEARCH_STATES },
  { example: 'id:j_hWRAnY0bvs', what: 'id' },
]

/** What is wrong, and what would be right. */
const faultSentence = ({ is, ...values }: SearchFault, words: Words): string =>
  words.say(`quarantine.fault.${is}`, values)

/** Every field of the form. Where the search cannot be read, all of it stays in the field for words. */
function fieldsModel(search: Search, { text, fault }: ReadQuery, { words, place }: Writer): object {
  const { fields, rest } = fillFields(search, place.timeZone)
  const say = (key: string) => words.say(`quarantine.${key}`)
  const range = (name: 'score' | 'size', { least, most }: RangeValue) => ({
    name,
    label: say(`field.${name}`),
    least,
    most,
  })
  return {
    words: fault ? text : formatSearch(rest, place.timeZone),
    texts: TEXT_FIELDS.map(name => ({
      name,
      label: say(`field.${name}`),
      text: fields.texts[name].text,
      hows: optionsOf(HOWS, fields.texts[name].how, how => say(`how.${how}`)),
    })),
    types: optionsOf(KINDS, fields.type, kind => words.say(`kind.${kind}`)),
    states: optionsOf(NAMED_STATES, fields.state, state => say(`state.${state}`)),
    ranges: [range('score', fields.score), range('size', fields.size)],
    after: fields.after,
    before: fields.before,
  }
}

/** What is held goes without saying. */
const NAMED_STATES = SEARCH_STATES.filter(state => state !== 'held')
