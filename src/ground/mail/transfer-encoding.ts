import { base64Length } from './encoded-length.ts'
import { quotedPrintable } from './quoted-printable.ts'
import { reusedRoom } from './reused-room.ts'
import { isSevenBit } from './seven-bit.ts'
import type { Octets } from './wire/octets.ts'

/** A body part as it travels (RFC 2045, section 6). */
export interface Encoded {
  readonly encoding: '7bit' | 'quoted-printable' | 'base64'
  readonly body: Octets
}

/**
 * Encodes text as UTF-8 in the shortest way: as it is, if that may travel; quoted-printable; or base64 for text that is
 * mostly in a script other than Latin, which quoted-printable would triple. ASCII stays readable in any case.
 */
export function encodedText(text: string): Encoded {
  if (isSevenBit(text)) return { encoding: '7bit', body: text }
  const octets = utf8(text)
  if (octets.length <= text.length * MOSTLY_WIDE) {
    const body = quotedPrintable(octets)
    const isAscii = octets.length === text.length
    if (isAscii || body.length <= base64Length(octets.length)) return { encoding: 'quoted-printable', body }
  }
  return { encoding: 'base64', body: inBase64(Buffer.from(text.replace(LINE_END, '\r\n'))) }
}

/** So many octets to a UTF-16 unit, and a quarter of them or more are above ASCII: base64 is shorter for sure. */
const MOSTLY_WIDE = 1.25

/** @returns octets that are valid until the next call */
function utf8(text: string): Uint8Array {
  const octets = room.atLeast(text.length * MOST_FOR_A_UNIT)
  return octets.subarray(0, ENCODER.encodeInto(text, octets).written)
}

const MOST_FOR_A_UNIT = 3
const ENCODER = new TextEncoder()
const room = reusedRoom()

const LINE_END = /\r\n|\n|\r/g

/** RFC 2045, section 6.8: lines of at most 76 characters. */
export function inBase64(octets: Buffer): string {
  const characters = octets.toString('base64')
  let lines = characters.slice(0, WIDTH)
  for (let at = WIDTH; at < characters.length; at += WIDTH) lines += `\r\n${characters.slice(at, at + WIDTH)}`
  return lines
}

const WIDTH = 76
