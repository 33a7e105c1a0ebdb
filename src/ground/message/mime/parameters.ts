import { fieldText } from '../octets/header-fields.ts'
import { textInCharset } from '../octets/text-in-charset.ts'

/** A field such as `text/plain; charset=utf-8`: its value in lower case, and its parameters by their names. */
export interface StructuredField {
  readonly value: string
  readonly parameters: ReadonlyMap<string, string>
}

/**
 * Reads a field with parameters (RFC 2045, section 5.1), with the continued and encoded ones of RFC 2231, and with the
 * encoded words that many programs put there instead. Of two parameters of one name, the first counts.
 *
 * @param field with one character for each octet
 */
export function structuredField(field: string): StructuredField {
  const [, value = '', rest = ''] = /^([^;]*)([\s\S]*)$/.exec(field.slice(0, MOST_CHARACTERS)) ?? []
  const raw = new Map<string, string>()
  for (const [, name = '', quoted, token = ''] of rest.matchAll(PARAMETER)) {
    const key = name.toLowerCase()
    if (!raw.has(key)) raw.set(key, quoted === undefined ? token.trim() : quoted.replace(ESCAPED, '$1'))
  }
  return { value: withoutComment(value).trim().toLowerCase(), parameters: decodeAll(raw) }
}

/** Of a field. A name has 255 at most in most file systems. */
const MOST_CHARACTERS = 20_000

const PARAMETER = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;"]*))/g
const ESCAPED = /\\(.)/g

const withoutComment = (value: string): string => value.replace(/\([^()]*\)/g, ' ')

function decodeAll(raw: ReadonlyMap<string, string>): Map<string, string> {
  const plain = new Map<string, string>()
  const continued = new Map<string, Section[]>()
  for (const [key, value] of raw) {
    const [, name = key, number, encoded] = SECTION.exec(key) ?? []
    if (name === key) plain.set(key, fieldText(value))
    else
      continued.set(name, [
        ...(continued.get(name) ?? []),
        { number: Number(number ?? 0), isEncoded: encoded !== undefined, value },
      ])
  }
  for (const [name, sections] of continued) plain.set(name, joinSections(sections))
  return plain
}

/** `filename*0*`, `filename*1`, `filename*`: at most a thousand of them. */
const SECTION = /^([^*]+)\*(?:(\d{1,3})(\*)?)?$/

interface Section {
  readonly number: number
  readonly isEncoded: boolean
  readonly value: string
}

/** The first section names the charset: `utf-8'de'R%C3%BC`. */
function joinSections(sections: readonly Section[]): string {
  const [first, ...more] = sections.toSorted((one, other) => one.number - other.number)
  if (!first) return ''
  const [, charset, encoded = first.value] = /^([^']*)'[^']*'([\s\S]*)$/.exec(first.value) ?? []
  // `filename*=` is encoded, too.
  const isEncoded = charset !== undefined
  const octets = [
    isEncoded ? fromPercents(encoded) : first.value,
    ...more.map(({ isEncoded: is, value }) => (is ? fromPercents(value) : value)),
  ]
  return textInCharset(Buffer.from(octets.join(''), 'latin1'), charset || undefined)
}

const fromPercents = (text: string): string =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (_, octet: string) => String.fromCharCode(Number.parseInt(octet, 16)))
