import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inertForHtml, inertForText } from '../../../src/ground/display/inert.ts'

const BREAK = '\u200C'

const LINKS = [
  'https://shop.example.com/login.php?id=1',
  'HTTP://SHOP.EXAMPLE',
  'www.shop.example',
  'shop.co.uk',
  'bob@shop.example',
  'mailto:bob@shop.example',
  '//shop.example/x',
  '1.2.3.4',
  'shop。example',
]

test.each(LINKS)('In HTML, no part of %s can be linked by a mail program', link => {
  const inert = inertForHtml(`See ${link} now`)
  expect(inert).not.toMatch(/\w[.@:。]\w|:\/|\/\/|www\./i)
  expect(inert.replaceAll(BREAK, '')).toBe(`See ${link} now`)
})

test.each(['+1 (800) 555-1234', '8005551234', '030 1234567', '+49-30-123 45 67'])(
  'In HTML, the telephone number %s is broken up',
  number => {
    const pieces = inertForHtml(`call ${number} now`).split(BREAK)
    expect(pieces.length).toBeGreaterThan(1)
    for (const piece of pieces) expect(piece.replace(/\D/g, '').length).toBeLessThan(8)
  },
)

test('In HTML, ordinary sentences are not changed', () => {
  const sentence = 'Meeting on Monday, 12 people – bring 3 cakes! (really)'
  expect(inertForHtml(sentence)).toBe(sentence)
})

test.each([
  ['https://shop.example.com/a.php', 'https[:]//shop[.]example[.]com/a[.]php'],
  ['bob@shop.example', 'bob@shop[.]example'],
  ['mailto:bob', 'mailto[:]bob'],
  ['U.S.A. at 10:30, 12.50, v1.2.3', 'U.S.A. at 10:30, 12.50, v1.2.3'],
  ['Done. Next', 'Done. Next'],
])('In plain text, the breaks in %s are visible', (text, inert) => {
  expect(inertForText(text)).toBe(inert)
})

test.each([
  'at 10:30 on 12.03., and/or later',
  'Rechnung 24/118 über 1.249,00 EUR',
  'U.S.A. v1.2, part 3/4: "Re: x"',
  'Invoice 2481',
])('In HTML, nothing is put into %s, which no program links', text => {
  expect(inertForHtml(text)).toBe(text)
})

test('No text is left with a URL', () => {
  const piece = fc.constantFrom(
    'http',
    'https',
    '://',
    'www.',
    'a',
    'Z',
    '9',
    '.',
    '/',
    '@',
    ' ',
    'com',
    ':',
    '-',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
      const text = pieces.join('')
      expect(inertForHtml(text)).not.toMatch(/https?:\/\/|www\.[a-z]|[a-z]@[a-z]/i)
      expect(inertForText(text)).not.toMatch(/https?:\/\/|www\.[a-z\d-]{2}|[a-z]\.com/i)
    }),
  )
})
