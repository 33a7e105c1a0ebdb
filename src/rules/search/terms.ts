import type { Comparison, TextField } from './search.ts'

/** One condition of the search box, as it was typed. */
export interface Term {
  readonly not: boolean
  readonly field: Field
  /** Undefined: nothing was said about it. */
  readonly how: Comparison | undefined
  readonly text: string
}

type Field = TextField | (typeof OTHER_FIELDS)[number]

const OTHER_FIELDS = ['type', 'is', 'score', 'size', 'after', 'before'] as const

const FIELDS: ReadonlySet<string> = new Set<Field>(['from', 'to', 'subject', 'id', 'reason', ...OTHER_FIELDS])

/** Takes a search to pieces. No text is refused. */
export function termsOf(text: string): Term[] {
  const rest = { text: text.toWellFormed().replace(CONTROLS, ' '), at: 0 }
  const terms: Term[] = []
  for (;;) {
    skip(rest, /\s*/uy)
    if (rest.at >= rest.text.length) return terms
    terms.push(nextTerm(rest))
  }
}

interface Rest {
  readonly text: string
  at: number
}

const CONTROLS = /\p{Cc}/gu

/** What matches here, which is thereby read. */
function skip(rest: Rest, pattern: RegExp): string {
  pattern.lastIndex = rest.at
  const found = pattern.exec(rest.text)?.[0] ?? ''
  rest.at += found.length
  return found
}

function nextTerm(rest: Rest): Term {
  // A lone hyphen is a word.
  const not = skip(rest, /-(?=\S)/uy) !== ''
  const field = fieldHere(rest)
  // People put a space after the colon, as in a header.
  if (field) skip(rest, /\s*/uy)
  return { not, field: field ?? 'words', ...valueHere(rest) }
}

function fieldHere(rest: Rest): Field | undefined {
  const begun = rest.at
  const name = skip(rest, /[a-z]{2,7}:/iuy)
    .slice(0, -1)
    .toLowerCase()
  if (isField(name)) return name
  rest.at = begun
  return undefined
}

const isField = (name: string): name is Field => FIELDS.has(name)

function valueHere(rest: Rest): Pick<Term, 'how' | 'text'> {
  const isWhole = skip(rest, /=/uy) !== ''
  const isEnd = !isWhole && skip(rest, /\*/uy) !== ''
  const quoted = skip(rest, QUOTED)
  const text = quoted === '' ? skip(rest, /[^\s]*/uy) : unquoted(quoted)
  if (quoted !== '') return { text, how: comparison(isWhole, isEnd, !isWhole && skip(rest, /\*/uy) !== '') }
  const isBeginning = !isWhole && text.endsWith('*') && text !== ''
  return { text: isBeginning ? text.slice(0, -1) : text, how: comparison(isWhole, isEnd, isBeginning) }
}

/** Quotes that nobody has closed end with the text. */
const QUOTED = /"(?:[^"\\]|\\.?)*"?/suy

const unquoted = (quoted: string): string =>
  quoted
    .slice(1)
    .replace(/(?<!\\)((?:\\\\)*)"$/s, '$1')
    .replace(/\\(.)/gsu, '$1')

function comparison(isWhole: boolean, isEnd: boolean, isBeginning: boolean): Comparison | undefined {
  if (isWhole) return 'equals'
  if (isEnd) return isBeginning ? 'contains' : 'ends'
  return isBeginning ? 'begins' : undefined
}
