import type { foldLines } from 'nodemailer/lib/mime-funcs'
import type MimeNode from 'nodemailer/lib/mime-node'
import { memo } from '../concurrency/memo.ts'
import type { Mailbox } from '../directory/mailbox.ts'
import { onFirstUse } from '../on-first-use.ts'

const mimeNode = onFirstUse<typeof MimeNode>('nodemailer/lib/mime-node')
const mimeFuncs = onFirstUse<{ readonly foldLines: typeof foldLines }>('nodemailer/lib/mime-funcs')

/**
 * A header field of free text, without its final line break: encoded where it holds more than ASCII (RFC 2047), and
 * folded where it is long. The text may be anybody's: a line break in it begins no field.
 *
 * nodemailer does that in 10 to 60 µs, and loaded it takes 1.5 MB. Most texts need none of it, and the others are the
 * same for many mails.
 */
export function textField(name: string, text: string): string {
  const line = `${name}: ${text}`
  if (line.length < LONGEST_LINE && PLAIN_TEXT.test(text) && !text.includes('=?')) return line
  return encoded(line, () => encodedField(name, text))
}

/** A header field with one mailbox. An address beyond ASCII stays as it is (RFC 6532). */
export function mailboxField(name: string, { name: person, address }: Mailbox): string {
  if (address.length < LONGEST_PLAIN_ADDRESS && PLAIN_ADDRESS.test(address)) {
    if (person === '') return `${name}: ${address}`
    const line = `${name}: ${person} <${address}>`
    if (line.length < LONGEST_LINE && PLAIN_NAME.test(person)) return line
  }
  return encodedField(name, { name: person, address })
}

/** Of this length on, nodemailer looks for a place to fold. */
const LONGEST_LINE = 76

/** Printable ASCII with single blanks inside. A quote makes nodemailer encode the text. */
const PLAIN_TEXT = /^[!#-~]+(?: [!#-~]+)*$/

/** Nothing to quote. */
const PLAIN_NAME = /^\w+(?: \w+)*$/

const LONGEST_PLAIN_ADDRESS = 64

/** An address of which each part is written in one way only: nothing to quote, and a domain that IDNA leaves alone. */
const PLAIN_ADDRESS = /^[\w+-]+(?:\.[\w+-]+)*@(?:[a-z\d]+(?:-[a-z\d]+)*\.)+[a-z]{2,24}$/

/** Texts that were encoded: a run has the same subjects again and again. */
const MOST_KEPT = 200
const encoded = memo<string>(MOST_KEPT)

const encodedField = (name: string, value: string | Mailbox): string =>
  mimeFuncs()
    .foldLines(`${name}: ${mimeNode().encodeHeaderValue(name, value as string)}`, LONGEST_LINE)
    .replace(BLANK_LINE, '$1')

/** Made of many blanks in a row. Some servers take it for the end of the header (RFC 5322, section 3.2.2). */
const BLANK_LINE = /\r\n([\t ]+)(?=\r\n|$)/g
