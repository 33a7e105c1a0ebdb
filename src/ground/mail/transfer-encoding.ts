import type * as Qp from 'nodemailer/lib/qp'
import { onFirstUse } from '../on-first-use.ts'
import { isShorterInBase64 } from './encoded-length.ts'

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

/** RFC 2045, section 6.8: lines of at most 76 characters. */
const inBase64 = (text: string): string =>
  Buffer.from(text)
    .toString('base64')
    .replace(/.{76}(?=.)/g, '$&\r\n')
