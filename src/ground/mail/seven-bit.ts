/**
 * Whether text may be the body of a part as it is ("7bit", RFC 2045, section 2.7): ASCII in lines that end with CRLF
 * and have at most 998 characters. A line must not begin as a boundary of ours does, nor with "From ", which mailboxes
 * in files quote.
 */
export function isSevenBit(text: string): boolean {
  if (Buffer.byteLength(text) !== text.length) return false
  return !FORBIDDEN.test(text) && hasShortLines(text)
}

const FORBIDDEN = /(?<!\r)\n|\r(?!\n)|(?<![^\n])(?:--=_|From )|\0/

/** Goes from line to line, by the last line end that is near enough. */
function hasShortLines(text: string): boolean {
  let from = 0
  while (text.length - from > LONGEST_LINE) {
    const end = text.lastIndexOf('\r\n', from + LONGEST_LINE)
    if (end < from) return false
    from = end + 2
  }
  return true
}

/** RFC 5322, section 2.1.1, without the CRLF. */
const LONGEST_LINE = 998
