import { IntlMessageFormat } from 'intl-messageformat'
import { memo } from '../concurrency/memo.ts'

export type SentenceValues = Readonly<Record<string, string | number>>

/** A sentence in one language. Its arguments are filled in as plain text. */
export type Sentence = (values?: SentenceValues) => string

/**
 * Compiles a sentence in ICU message format. A digest says some forty of them, and the library takes 2 to 8 µs for each.
 * So a sentence is joined from its parts, and the forms of a plural are kept by their number.
 */
export function compileSentence(source: string, language: string): Sentence {
  // ignoreTag, because a sentence is plain text and a "<" in it is just a "<".
  const messageOf = (content: string | Element[]) =>
    new IntlMessageFormat(content, language, undefined, { ignoreTag: true })
  const message = messageOf(source)
  const parts = message.getAst().map(element => partOf(element, messageOf))
  const [only, ...more] = parts
  if (only?.text !== undefined && more.length === 0) return () => only.text
  return (values = {}) => {
    let sentence = ''
    for (const part of parts) {
      if (part.text !== undefined) {
        sentence += part.text
        continue
      }
      const value = values[part.name]
      // The library says which argument is missing.
      if (value === undefined) return String(message.format(values))
      sentence += part.form === undefined ? value : part.form(value, values)
    }
    return sentence
  }
}

type Element = ReturnType<IntlMessageFormat['getAst']>[number]

/** A text, or the name of an argument and how its value is written; undefined: as it is. */
type Part =
  | { readonly text: string }
  | {
      readonly text?: undefined
      readonly name: string
      readonly form?: (value: string | number, values: SentenceValues) => string
    }

/** Types of ICU elements: 0 is plain text, 1 a plain argument. */
const TEXT = 0
const ARGUMENT = 1

function partOf(element: Element, messageOf: (content: Element[]) => IntlMessageFormat): Part {
  if (element.type === TEXT) return { text: element.value }
  if (element.type === ARGUMENT) return { name: element.value }
  const message = messageOf([element])
  const name = 'value' in element ? element.value : ''
  if (namesIn(element).some(other => other !== name)) {
    return { name, form: (_, values) => String(message.format(values)) }
  }
  const forms = memo<string, string | number>(MOST_KEPT)
  return { name, form: value => forms(value, () => String(message.format({ [name]: value }))) }
}

/** The arguments of an element, those within the forms of a plural included. */
function namesIn(element: Element): readonly string[] {
  if (element.type === TEXT || !('value' in element)) return []
  const inside = 'options' in element ? Object.values(element.options).flatMap(({ value }) => value) : []
  return [element.value, ...inside.flatMap(namesIn)]
}

/** Forms of one plural. Most are asked for again within a run: the same counts. */
const MOST_KEPT = 200
