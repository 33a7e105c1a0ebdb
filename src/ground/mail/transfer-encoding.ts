import type * as Qp from 'nodemailer/lib/qp'
import { onFirstUse } from '../on-first-use.ts'

const qp = onFirstUse<typeof Qp>('nodemailer/lib/qp')

/** A body part as it travels (RFC 2045, section 6). */
export interface Encoded {
  readonly encoding: 'quoted-printable' | 'base64'
  readonly body: string
}

/**
 * Encodes text as UTF-8 in whichever way is shorter: quoted-printable, or base64 for text that is mostly in a script
 * other than Latin. Quoted-printable would triple that.
 */
export function encodedText(text: string): Encoded {
  const lines = text.replace(/\r\n|\n|\r/g, '\r\n')
  return isShorterInBase64(lines)
    ? { encoding: 'base64', body: inBase64(lines) }
    : { encoding: 'quoted-printable', body: qp().wrap(qp().encode(lines)) }
}

/** About how many octets `encodedText` gives: exact for base64, at most a few per cent too many for quoted-printable. */
export function encodedLength(text: string): number {
  const lines = text.replace(/\r\n|\n|\r/g, '\r\n')
  const quoted = quotedLength(lines)
  return ASCII.test(lines) ? quoted : Math.min(quoted, base64Length(Buffer.byteLength(lines)))
}

const isShorterInBase64 = (lines: string): boolean =>
  !ASCII.test(lines) && base64Length(Buffer.byteLength(lines)) < quotedLength(lines)

const ASCII = /^[\0-\x7F]*$/

/** RFC 2045, section 6.8: lines of at most 76 characters. */
const inBase64 = (text: string): string =>
  Buffer.from(text)
    .toString('base64')
    .replace(/.{76}(?=.)/g, '$&\r\n')

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
