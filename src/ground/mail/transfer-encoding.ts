import { base64Length } from './encoded-length.ts'
import { quotedPrintable } from './quoted-printable.ts'

/** A body part as it travels (RFC 2045, section 6). */
export interface Encoded {
  readonly encoding: 'quoted-printable' | 'base64'
  readonly body: string
}

/**
 * Encodes text as UTF-8 in whichever way is shorter: quoted-printable, or base64 for text that is mostly in a script
 * other than Latin. Quoted-printable would triple that. ASCII stays readable in any case.
 */
export function encodedText(text: string): Encoded {
  const octets = Buffer.byteLength(text)
  const quoted = octets > text.length * MOSTLY_WIDE ? undefined : quotedPrintable(text)
  if (quoted !== undefined && (octets === text.length || quoted.length <= base64Length(octets))) {
    return { encoding: 'quoted-printable', body: quoted }
  }
  return { encoding: 'base64', body: inBase64(Buffer.from(text.replace(LINE_END, '\r\n'))) }
}

/** So many octets to a UTF-16 unit, and a quarter of them or more are above ASCII: base64 is shorter for sure. */
const MOSTLY_WIDE = 1.25

const LINE_END = /\r\n|\n|\r/g

/** RFC 2045, section 6.8: lines of at most 76 characters. */
export function inBase64(octets: Buffer): string {
  const characters = octets.toString('base64')
  let lines = characters.slice(0, WIDTH)
  for (let at = WIDTH; at < characters.length; at += WIDTH) lines += `\r\n${characters.slice(at, at + WIDTH)}`
  return lines
}

const WIDTH = 76
