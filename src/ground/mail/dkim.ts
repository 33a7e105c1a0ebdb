import { buffer } from 'node:stream/consumers'
import type DKIM from 'nodemailer/lib/dkim'
import { onFirstUse } from '../on-first-use.ts'

const signing = onFirstUse<typeof DKIM>('nodemailer/lib/dkim')

/** Signs a mail. */
export type Signer = (message: Buffer) => Promise<Buffer>

/** @param privateKey PEM */
export function dkimSigner(domain: string, selector: string, privateKey: string): Signer {
  const dkim = new (signing())({
    domainName: domain,
    keySelector: selector,
    privateKey,
    headerFieldNames: SIGNED_FIELDS,
  })
  return message => buffer(dkim.sign(message))
}

/** The fields of RFC 6376, section 5.4.1, and those that RFC 8058, section 4, also wants signed. */
const SIGNED_FIELDS = [
  'From',
  'To',
  'Subject',
  'Date',
  'Message-ID',
  'MIME-Version',
  'Content-Type',
  'Content-Language',
  'Auto-Submitted',
  'List-Id',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
].join(':')
