import { createPrivateKey, hash, type KeyObject, sign } from 'node:crypto'
import { domainToASCII } from 'node:url'
import type { Octets } from './wire/octets.ts'

/** Signs a mail. */
export type Signer = (message: Octets) => Octets

/**
 * Signs mails by DKIM (RFC 6376) with rsa-sha256 and the relaxed canonicalization of header and body. Of 0.36 ms a
 * mail, RSA takes 0.28. nodemailer takes 1.3: it reads the key for each mail, and the mail octet by octet.
 *
 * @param privateKey PEM
 * @throws TypeError when it is not a private key for RSA
 */
export function dkimSigner(domain: string, selector: string, privateKey: string): Signer {
  const key = rsaKey(privateKey)
  const tags = `v=1; a=rsa-sha256; c=relaxed/relaxed; d=${domainToASCII(domain) || domain};\r\n s=${selector}`
  return message => {
    const end = message.indexOf(END_OF_HEADER)
    const fields = signedFields(message.slice(0, end))
    const bodyHash = hash('sha256', relaxedBody(message.slice(end + END_OF_HEADER.length)), 'base64')
    const names = fields.map(nameOf)
    const unsigned = `DKIM-Signature: ${tags};\r\n h=${names.join(':\r\n ')};\r\n bh=${bodyHash};\r\n b=`
    const signed = [...fields, unsigned].map(relaxedField).join('\r\n')
    const signature = sign('sha256', Buffer.from(signed, 'latin1'), key).toString('base64')
    return `${unsigned}${folded(signature)}\r\n${message}`
  }
}

function rsaKey(pem: string): KeyObject {
  const key = createPrivateKey(pem)
  if (key.asymmetricKeyType !== 'rsa') throw new TypeError('not a key for RSA')
  return key
}

const END_OF_HEADER = '\r\n\r\n'

/** The fields to sign, each with its lines, in the order in which they stand. Our mails have each of them once. */
const signedFields = (header: string): string[] =>
  header.split(/\r\n(?![\t ])/).filter(field => SIGNED_FIELDS.has(nameOf(field)))

const nameOf = (field: string): string => field.slice(0, field.indexOf(':')).toLowerCase()

/** RFC 6376, section 3.4.2 */
const relaxedField = (field: string): string =>
  `${nameOf(field)}:${field
    .slice(field.indexOf(':') + 1)
    .replace(/\r\n/g, '')
    .replace(/[\t ]+/g, ' ')
    // Not trim(): U+00A0 may be the last octet of a letter.
    .replace(/^ | $/g, '')}`

/** RFC 6376, section 3.4.4. Of a body in a transfer encoding, this changes next to nothing, so it looks first. */
function relaxedBody(body: Octets): Buffer {
  const lines = BLANKS_TO_CHANGE.test(body) ? body.replace(/[\t ]+/g, ' ').replaceAll(' \r\n', '\r\n') : body
  return Buffer.from(lines.replace(LINES_AT_END, '\r\n'), 'latin1')
}

const BLANKS_TO_CHANGE = /\t|[ ](?=[ \r])/
const LINES_AT_END = /(?:\r\n)+$/

const folded = (signature: string): string => signature.replace(/.{72}(?=.)/g, '$&\r\n ')

/** The fields of RFC 6376, section 5.4.1, and those that RFC 8058, section 4, also wants signed. */
const SIGNED_FIELDS: ReadonlySet<string> = new Set([
  'from',
  'to',
  'subject',
  'date',
  'message-id',
  'mime-version',
  'content-type',
  'content-language',
  'auto-submitted',
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
])
