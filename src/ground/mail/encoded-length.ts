/** About how many octets `encodedText` gives: exact for base64, at most a few per cent too many for quoted-printable. */
export const encodedLength = (text: string): number => shorterWay(text).octets

/** Whether base64 is the shorter way for a text. ASCII stays readable in any case. */
export const isShorterInBase64 = (text: string): boolean => shorterWay(text).isBase64

function shorterWay(text: string): { octets: number; isBase64: boolean } {
  const counts = countsOf(text)
  const inBase64 = base64Length(counts)
  const inQuotedPrintable = quotedLength(counts)
  const isBase64 = counts.aboveAscii > 0 && inBase64 < inQuotedPrintable
  return { octets: isBase64 ? inBase64 : inQuotedPrintable, isBase64 }
}

/** All that the length of a text depends on, in octets. */
interface Counts {
  /** With CRLF at the end of each line. */
  readonly all: number
  readonly aboveAscii: number
  /** Equals signs, and blanks at the end of a line. */
  readonly quotedAscii: number
}

/** By searches in a string of its octets, which are faster than a loop. A long digest is counted several times. */
function countsOf(text: string): Counts {
  const octets = Buffer.from(text).latin1Slice()
  const addedToEnds = matches(octets, LINE_END) - matches(octets, CRLF)
  const blanksAtEnd = matches(octets, END_AFTER_BLANK) + (/[\t ]$/.test(octets.slice(-1)) ? 1 : 0)
  return {
    all: octets.length + addedToEnds,
    aboveAscii: octets.match(ABOVE_ASCII)?.join('').length ?? 0,
    quotedAscii: equalsSigns(octets) + blanksAtEnd,
  }
}

const LINE_END = /\r\n|\r|\n/g
const CRLF = /\r\n/g
const END_AFTER_BLANK = /(?<=[\t ])[\r\n]/g
const ABOVE_ASCII = /[\x80-\xFF]+/g

const matches = (octets: string, pattern: RegExp): number => octets.match(pattern)?.length ?? 0

function equalsSigns(octets: string): number {
  let count = 0
  for (let at = octets.indexOf('='); at >= 0; at = octets.indexOf('=', at + 1)) count++
  return count
}

/** RFC 2045, section 6.8: lines of at most 76 characters. */
function base64Length({ all }: Counts): number {
  const characters = Math.ceil(all / 3) * 4
  return characters + Math.max(0, Math.ceil(characters / 76) - 1) * 2
}

/** Three octets for each that is not plain, and three for each soft line break. A line holds at least 72 others. */
const quotedLength = ({ all, aboveAscii, quotedAscii }: Counts): number =>
  Math.ceil((all + 2 * (aboveAscii + quotedAscii)) * (1 + 3 / 72))
