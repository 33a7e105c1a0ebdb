import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import PostalMime from 'postal-mime'
import { beforeAll, expect, test } from 'vitest'
import { composer } from '../../src/ground/mail/compose.ts'
import { dkimSigner } from '../../src/ground/mail/dkim.ts'
import type { OutgoingMail } from '../../src/ground/mail/mailer.ts'
import { type ReadByPerl, readByPerl } from '../servers/perl-mail-reader.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const sign = dkimSigner(
  'example.com',
  'digest',
  privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
)
const compose = composer(
  { name: 'Mail quarantine, „Example“', address: 'quarantine@example.com' },
  'quarantine-digest.example.com',
)

/** Lines of text as a template makes them of hostile words. */
const anyLines = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 120 }).map(text => text.toWellFormed()),
      fc.constantFrom(
        ' ',
        '\n',
        '\n\n',
        '.',
        '--=_digest',
        '--=_image--',
        '=',
        'From me',
        '<a href="https://x/?a=b">',
      ),
      fc.constantFrom(
        'Ящик с письмами '.repeat(20),
        '日本語'.repeat(90),
        'für '.repeat(60),
        'x'.repeat(1200),
      ),
    ),
    { maxLength: 30 },
  )
  .map(parts => `${parts.join('').replace(/\r\n?/g, '\n')}\n`)

/** Lines that may travel as they are, if none of them is too long or like a boundary. */
const asciiLines = anyLines.map(text => text.replace(/[^\n -~]/g, '?').replaceAll('\n', '\r\n'))

const content = fc.oneof(anyLines, asciiLines)

const subject = fc
  .string({ unit: 'grapheme-composite', minLength: 1, maxLength: 150 })
  .map(text => text.replace(/\s+/g, ' ').trim() || 'x')

const image = {
  contentId: 'logo@example.com',
  type: 'image/png',
  fileName: 'logo.png',
  content: Buffer.alloc(999, 7),
}

const mail: fc.Arbitrary<OutgoingMail> = fc.record({
  to: fc.constantFrom(
    'anna@example.com',
    "o'neil@example.com",
    '"odd address"@example.com',
    'voilà@example.com',
  ),
  subject: fc.oneof(
    subject,
    fc.constantFrom('2 messages held back (Wed, Mar 11)', '7 Nachrichten für Sie zurückgehalten'),
  ),
  html: content,
  text: content,
  image: fc.constantFrom(undefined, image),
  messageId: fc.constant('<amavis-digest.1@example.com>'),
  date: fc.nat(2e12),
  language: fc.constant('en'),
  preferencesUrl: fc.constant(`https://quarantine.example.com/preferences/${'x'.repeat(240)}`),
})

/** One kind of line end. */
const inLf = (content = ''): string => content.replaceAll('\r\n', '\n')

const mails = fc.sample(mail, 150)
const composed = mails.map(each => Buffer.from(sign(compose(each)), 'latin1'))
let read: readonly ReadByPerl[]

beforeAll(() => {
  read = readByPerl(composed, publicKey.export({ type: 'spki', format: 'der' }).toString('base64'))
})

test('two parsers find the subject and both texts of a mail, octet by octet', async () => {
  expect(read).toHaveLength(mails.length)
  for (const [index, { subject, text, html, to }] of mails.entries()) {
    expect(read[index]).toMatchObject({ subject })
    expect([read[index]?.text, read[index]?.html].map(inLf)).toEqual([text, html].map(inLf))
    const parsed = await PostalMime.parse(composed[index] ?? '')
    const lined = (content = '') => inLf(content).trimEnd()
    expect([parsed.subject, lined(parsed.text), lined(parsed.html)]).toEqual([
      subject,
      lined(text),
      lined(html),
    ])
    expect(parsed.to?.map(({ address }) => address)).toEqual([to])
  }
})

test('another implementation verifies the DKIM signature of each mail', () => {
  expect(new Set(read.map(({ dkim }) => dkim))).toEqual(new Set(['pass']))
})

test('no line is longer than SMTP allows, and each ends with CRLF', () => {
  for (const octets of composed) {
    const text = octets.toString('latin1')
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(Math.max(...text.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(998)
  }
})

test('texts travel in each of the three ways', () => {
  const encodings = composed.flatMap(
    octets => octets.toString('latin1').match(/(?<=^Content-Transfer-Encoding: ).+(?=\r\n\r\n)/gm) ?? [],
  )
  expect(new Set(encodings)).toEqual(new Set(['7bit', 'quoted-printable', 'base64']))
})
