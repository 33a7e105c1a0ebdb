import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quotedPrintable } from '../../src/digest/quoted-printable.ts'

test('what is encoded is read again letter for letter', () => {
  const pieces = fc.constantFrom(
    '=',
    'é',
    '\u2060',
    '😀',
    ' ',
    '\t',
    '\r\n',
    '.',
    '\0',
    '\x7F',
    'word',
    '=3D',
  )
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 200 }).map(all => all.join('')),
    fc.string({ unit: 'grapheme' }),
  )
  fc.assert(
    fc.property(texts, text => {
      expect(decoded(quotedPrintable(text))).toBe(text.replace(/\r\n|\r|\n/g, '\r\n'))
    }),
  )
})

test('a line has 76 characters at most, all of them ASCII, and ends neither in a blank nor within an octet', () => {
  const text = `${'é'.repeat(500)}\n${'= '.repeat(300)}\nblank at the end \ntab\t\n${'x'.repeat(76)}\n${'x'.repeat(77)}`
  for (const line of quotedPrintable(text).split('\r\n')) {
    expect(line).toMatch(/^[\t -~]{0,76}$/)
    expect(line).not.toMatch(/[ \t]$|=[0-9A-F]?=$/)
  }
})

test('half a surrogate pair is replaced, not thrown at', () => {
  expect(quotedPrintable('a\uD83Db')).toBe('a=EF=BF=BDb')
})

/** RFC 2045, 6.7, read backwards. */
const decoded = (text: string): string =>
  Buffer.from(
    text
      .replaceAll('=\r\n', '')
      .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')
