/** Markup that is safe to send. Only `html` makes it, and it escapes every value that is not markup itself. */
export class Markup {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }
}

type Value = string | number | Markup | readonly Markup[] | undefined

/** A template whose values are escaped, for text and for attributes in double quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(strings.reduce((source, part, index) => source + markupOf(values[index - 1]) + part))
}

function markupOf(value: Value): string {
  if (value === undefined) return ''
  if (value instanceof Markup) return value.source
  if (typeof value === 'object') return value.map(markup => markup.source).join('')
  return escapeText(String(value))
}

const escapeText = (text: string): string =>
  text.replace(CONTROLS, '\ufffd').replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)

/** Control characters other than tab and line feed, and characters that reorder text (UAX 9). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern is meant to find them
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g
