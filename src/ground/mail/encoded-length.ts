/** About how many octets `encodedText` gives: exact for base64, at most a few per cent too many for quoted-printable. */
export function encodedLength(text: string): number {
  const lines = text.replace(/\r\n|\n|\r/g, '\r\n')
  return isShorterInBase64(lines) ? base64Length(Buffer.byteLength(lines)) : quotedLength(lines)
}

/** Whether base64 is the shorter way for a text whose lines end with CRLF. ASCII stays readable in any case. */
export const isShorterInBase64 = (lines: string): boolean =>
  !ASCII.test(lines) && base64Length(Buffer.byteLength(lines)) < quotedLength(lines)

const ASCII = /^[\0-\x7F]*$/

/** RFC 2045, section 6.8: lines of at most 76 characters. */
function base64Length(octets: number): number {
  const characters = Math.ceil(octets / 3) * 4
  return characters + Math.max(0, Math.ceil(characters / 76) - 1) * 2
}

/** Three octets for each that is not plain, and three for each soft line break. A line holds at least 72 others. */
function quotedLength(lines: string): number {
  const plain = Buffer.from(lines)
  // A blank at the end of a line is encoded.
  let octets = plain.length + 2 * (lines.match(BLANK_AT_END)?.length ?? 0)
  // Not for…of, which takes ten times as long.
  for (let index = 0; index < plain.length; index++) {
    const octet = plain[index] ?? 0
    if (octet === EQUALS_SIGN || octet >= 0x80) octets += 2
  }
  return Math.ceil(octets * (1 + 3 / 72))
}

const EQUALS_SIGN = 0x3d

const BLANK_AT_END = /[\t ](?=\r|$)/g
