import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withoutC1Controls } from '../../../src/ground/charsets/c1-controls.ts'
import { decodeWords } from '../../../src/ground/charsets/encoded-words.ts'

test.each([
  ['GB18030', '=?GB18030?B?xOO6ww==?=', '你好'],
  ['a name of GBK that only browsers know', '=?x-gbk?Q?=C4=E3=BA=C3?=', '你好'],
  ['another name of GBK', '=?csgb2312?b?xOO6ww==?=', '你好'],
  ["Microsoft's name of GBK", '=?windows-936?B?xOO6ww==?=', '你好'],
  ['Hebrew in logical order', '=?iso-8859-8-i?B?+ezl7Q==?=', 'שלום'],
  ['a language after the charset', '=?gb18030*zh?B?xOO6ww==?=', '你好'],
  ['a language after a known charset', '=?utf-8*en?Q?caf=C3=A9?=', 'café'],
  ['text around it', 'Re: =?gb18030?B?xOO6ww==?= (4)', 'Re: 你好 (4)'],
  ['adjacent words', '=?gb18030?B?xOO6ww==?= \r\n =?gb18030?Q?=C4=E3?=', '你好你'],
  ['adjacent words of two charsets', '=?gb18030?B?xOO6ww==?= =?iso-8859-8-i?Q?=F9?=', '你好ש'],
  ['a character that begins in one word and ends in the next', '=?gbk?Q?=C4?= =?gbk?Q?=E3?=', '你'],
  ['words that Perl has joined, with padding in the middle', '=?x-gbk?B?xOO6ww==xOO6ww==?=', '你好你好'],
  ['blanks within', '=?x-gbk?Q?a b_c?=', 'a b c'],
  ['an unknown charset of plain letters', '=?x-nobody?Q?Hello,_you?=', 'Hello, you'],
  ['an unknown charset that is UTF-8', '=?unknown-8bit?Q?caf=C3=A9?=', 'café'],
  ['an unknown charset that is not', '=?x-nobody?Q?caf=E9?=', '=?x-nobody?Q?caf=E9?='],
  ['no word', 'a =? b ?= c', 'a =? b ?= c'],
  ['a word without its end', '=?gb18030?B?xOO6ww==', '=?gb18030?B?xOO6ww=='],
])('%s', (_title, text, decoded) => {
  expect(decodeWords(text)).toBe(decoded)
})

test('a field that was cut off at 255 characters shows what there is of its last word', () => {
  const text = '你好'.repeat(80)
  const octets = Buffer.from('xOO6ww==', 'base64').toString('latin1').repeat(80)
  const word = `=?GB18030?B?${Buffer.from(octets, 'latin1').toString('base64')}?=`
  for (let blanks = 0; blanks < 4; blanks += 1) {
    const shown = decodeWords((' '.repeat(blanks) + word).slice(0, 255)).trim()
    expect(shown.length).toBeGreaterThan(85)
    expect(text.startsWith(shown)).toBe(true)
  }
  const after = 'x'.repeat(240)
  const cut = `${after} =?GB18030?B?xOO6ww==?=`
  for (let length = 255; length < cut.length; length += 1) {
    expect(decodeWords(cut.slice(0, length))).toMatch(/^x{240}( 你?好?)?$/)
  }
  expect(decodeWords(`${'x'.repeat(245)} =?GB18030?`.slice(0, 255))).toBe('x'.repeat(245))
})

test('no text throws, and decoding takes time in proportion to the text', () => {
  const piece = fc.constantFrom(
    '=?',
    '?=',
    '?B?',
    '?q?',
    'gbk',
    '*',
    ' ',
    '=',
    '=C4',
    'xOO6',
    '\u0080',
    '\n',
    '_',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 80 }), pieces => {
      expect(decodeWords(pieces.join('')).length).toBeLessThan(1000)
    }),
  )
})

test('text without encoded words and control characters is not changed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), text => {
      fc.pre(!text.includes('=?') && !/[\u0080-\u009F]/.test(text))
      expect(withoutC1Controls(decodeWords(text))).toBe(text)
    }),
  )
})
