import { isSevenBit } from './seven-bit.ts'

/** About how many octets `encodedText` gives: at most a few per cent too many for quoted-printable, else exact. */
export function encodedLength(text: string): number {
  if (isSevenBit(text)) return text.length
  const counts = countsOf(text)
  const inQuotedPrintable = quotedLength(counts)
  return counts.aboveAscii === 0 ? inQuotedPrintable : Math.min(base64Length(counts.all), inQuotedPrintable)
}

/** All that the length of a text depends on, in octets. */
interface Counts {
  /** With CRLF at the end of each line. */
  readonly all: number
  readonly aboveAscii: number
  /** Equals signs, and blanks at the end of a line. */
  readonly quotedAscii: number
}

/** By searches, which take a fifth of the time of a loop over the octets. A long digest is counted several times. */
function countsOf(text: string): Counts {
  const wide = text.match(ABOVE_ASCII)?.join('') ?? ''
  const aboveAscii = Buffer.byteLength(wide)
  const { addedToEnds, blanksAtEnd } = endsOf(text)
  return {
    all: text.length - wide.length + aboveAscii + addedToEnds,
    aboveAscii,
    quotedAscii: equalsSigns(text) + blanksAtEnd,
  }
}

function endsOf(text: string): { addedToEnds: number; blanksAtEnd: number } {
  const blanksAtEnd = /[\t ]/.test(text.slice(-1)) ? 1 : 0
  if (!text.includes('\n') && !text.includes('\r')) return { addedToEnds: 0, blanksAtEnd }
  return {
    addedToEnds: matches(text, LINE_END) - matches(text, CRLF),
    blanksAtEnd: blanksAtEnd + matches(text, END_AFTER_BLANK),
  }
}

const ABOVE_ASCII = /[^\0-\x7F]+/g
const LINE_END = /\r\n|\r|\n/g
const CRLF = /\r\n/g
const END_AFTER_BLANK = /(?<=[\t ])[\r\n]/g

const matches = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

function equalsSigns(text: string): number {
  let count = 0
  for (let at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) count++
  return count
}

/** How many characters so many octets take in base64. RFC 2045, section 6.8: lines of at most 76. */
export function base64Length(octets: number): number {
  const characters = Math.ceil(octets / 3) * 4
  return characters + Math.max(0, Math.ceil(characters / 76) - 1) * 2
}

/** Three octets for each that is not plain, and three for each soft line break. A line holds at least 72 others. */
const quotedLength = ({ all, aboveAscii, quotedAscii }: Counts): number =>
  Math.ceil((all + 2 * (aboveAscii + quotedAscii)) * (1 + 3 / 72))
