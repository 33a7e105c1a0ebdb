import { decodeWords } from '../../charsets/encoded-words.ts'
import { textInCharset } from './text-in-charset.ts'

/** A field of a header, with one character for each octet. */
export interface HeaderField {
  /** In lower case. */
  readonly name: string
  /** Unfolded, without the blanks around it. */
  readonly value: string
  /** Where the next field begins. */
  readonly end: number
}

/**
 * Reads the fields of a header, one after the other, so that a caller can stop. A line that is no field is passed over,
 * as amavisd does; the header ends at an empty line, or with the text.
 */
export function* headerFields(octets: Uint8Array, from = 0, to = octets.length): Generator<HeaderField> {
  for (let at = from; at < to; ) {
    const end = endOfField(octets, at, to)
    if (isBlank(octets, at)) return
    const text = latin1(octets.subarray(at, end))
    const [, name, value = ''] = FIELD.exec(text) ?? []
    if (name !== undefined) yield { name: name.toLowerCase(), value: value.replace(FOLD, ' ').trim(), end }
    at = end
  }
}

/** Where the header ends and the body begins: after the empty line. */
export function bodyOf(octets: Uint8Array, from = 0): number {
  if (isBlank(octets, from)) return endOfLine(octets, from, octets.length)
  for (let at = octets.indexOf(LF, from); at >= 0; at = octets.indexOf(LF, at + 1)) {
    if (isBlank(octets, at + 1)) return endOfLine(octets, at + 1, octets.length)
  }
  return octets.length
}

/** The value of a field as text: UTF-8 as it stands there (RFC 6532), or encoded words. */
export const fieldText = (value: string): string =>
  decodeWords(textInCharset(Buffer.from(value, 'latin1'), undefined))

export const latin1 = (octets: Uint8Array): string =>
  Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1')

/** RFC 5322, section 2.2, and the blank before the colon of RFC 822. */
const FIELD = /^([!-9;-~]+)[ \t]*:([\s\S]*)$/

/** A line's end within a field, which stands before a blank, and NUL. */
const FOLD = /[\r\n\0]+/g

/** A field ends at a line's end that no blank follows. */
function endOfField(octets: Uint8Array, from: number, to: number): number {
  let end = endOfLine(octets, from, to)
  while (end < to && (octets[end] === BLANK || octets[end] === TAB)) end = endOfLine(octets, end, to)
  return end
}

function endOfLine(octets: Uint8Array, from: number, to: number): number {
  const found = octets.indexOf(LF, from)
  return found < 0 || found >= to ? to : found + 1
}

const isBlank = (octets: Uint8Array, at: number): boolean =>
  octets[at] === LF || (octets[at] === CR && octets[at + 1] === LF)

const LF = 0x0a
const CR = 0x0d
const TAB = 0x09
const BLANK = 0x20
