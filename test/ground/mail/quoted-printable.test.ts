import fc from 'fast-check'
import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { quotedPrintable } from '../../../src/ground/mail/quoted-printable.ts'

const encode = (text: string): string => quotedPrintable(Buffer.from(text))

/** Text with what needs care: blanks before line ends, equals signs, all kinds of line ends, long words, wide letters. */
const TEXT = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 100 }).map(text => text.toWellFormed()),
      fc.constantFrom(
        ' ',
        '\t',
        '\r\n',
        '\n',
        '\r',
        '=',
        '=3D',
        '.',
        '\0',
        'x'.repeat(75),
        '日本語',
        '😀',
        '\uFEFF',
      ),
      fc.nat(90).map(length => 'y'.repeat(length)),
    ),
    { maxLength: 40 },
  )
  .map(parts => parts.join(''))

test('what is encoded is decoded to the same octets, with CRLF at the end of each line', async () => {
  await fc.assert(
    fc.asyncProperty(TEXT, async text => {
      const lines = text.replace(/\r\n|\n|\r/g, '\r\n')
      const encoded = encode(text)
      expect(decoded(encoded)).toEqual(Buffer.from(lines))
      const mail = await PostalMime.parse(
        `Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${encoded}`,
      )
      // This parser ends each line with LF, and the last one always.
      const content = Buffer.from(mail.attachments[0]?.content as ArrayBuffer).toString('latin1')
      const octets = Buffer.from(lines).toString('latin1').replaceAll('\r\n', '\n')
      expect(content.replace(/\n$/, '')).toBe(octets.replace(/\n$/, ''))
    }),
    { numRuns: 150 },
  )
})

test('no line has more than 76 characters, ends in a blank, or divides a character; all are printable ASCII', () => {
  fc.assert(
    fc.property(TEXT, text => {
      for (const line of encode(text).split('\r\n')) {
        expect(line).toMatch(/^[\t -~]{0,76}$/)
        expect(line).not.toMatch(/[\t ]$/)
        // The first octet of a character says how many follow.
        expect(() => utf8.decode(decoded(line))).not.toThrow()
      }
    }),
    { numRuns: 150 },
  )
})

test('a line that fits is not broken, and the longest text of a mail is encoded as a whole', () => {
  expect(encode('x'.repeat(75))).toBe('x'.repeat(75))
  expect(encode(`${'x'.repeat(75)}\n`)).toBe(`${'x'.repeat(75)}\r\n`)
  expect(encode('für = gut \nx')).toBe('f=C3=BCr =3D gut=20\r\nx')
  for (const text of ['ü'.repeat(20_000), ' \n'.repeat(20_000), '='.repeat(60_000)])
    expect(decoded(encode(text)).toString()).toBe(text.replaceAll('\n', '\r\n'))
})

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** RFC 2045, section 6.7, and nothing else: what is not allowed there stays as it is. */
const decoded = (text: string): Buffer =>
  Buffer.from(
    text
      .replace(/=(?:\r\n|$)/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    'latin1',
  )
