import fc from 'fast-check'
import { expect, test } from 'vitest'
import { displayText } from '../../../src/ground/display/text.ts'

test.each([
  ['plain text is not changed', 'Your order 4711', 'Your order 4711'],
  ['folded lines become one', 'a\r\n b\n\tc', 'a b c'],
  ['controls and NUL vanish', 'a\0b\u0007c\u007F\u0081d', 'abcd'],
  [
    'windows-1252 that called itself iso-8859-1 is read as what it is',
    'Only 99 \u0080 \u0096 we\u0092re \u0084open\u0093\u0085',
    'Only 99 € – we’re „open“…',
  ],
  ['bidi controls vanish', 'invoice\u202Egnp.exe\u2066\u061C', 'invoicegnp.exe'],
  ['hidden characters vanish', 'V\u200BI\u00ADA\uFEFFG\u{E0041}R\u180EA\u3164', 'VIAGRA'],
  ['lone surrogates and private characters show as unreadable', 'a\uD800b\uE000\uF8FFc', 'a\uFFFDb\uFFFDc'],
  ['emoji keep their joiners and selectors', '👨‍👩‍👧‍👦 ❤️ 1️⃣ 👍🏽', '👨‍👩‍👧‍👦 ❤️ 1️⃣ 👍🏽'],
  ['Persian and Hindi keep their joiners', 'می‌خواهم क्‍ष', 'می‌خواهم क्‍ष'],
  ['a joiner between Latin letters vanishes', 'pay\u200Dpal\u200C', 'paypal'],
  ['letters are composed', 'e\u200B\u0301', 'é'],
  ['stacked marks are thinned out', `x${'\u0336'.repeat(50)}y`, `x${'\u0336'.repeat(4)}y`],
  ['blanks of all kinds collapse', '\u00A0 a\u2003\u3000\u2800b \u2028', 'a b'],
])('%s', (_title, value, shown) => {
  expect(displayText(value, 100)).toBe(shown)
})

test('Text that is taken as plain is what the rules make of it', () => {
  const letter = fc.integer({ min: 0x20, max: 0xffff }).map(code => String.fromCharCode(code))
  const text = fc.array(letter, { minLength: 1, maxLength: 12 }).map(letters => letters.join(''))
  fc.assert(
    fc.property(text, each => {
      // A zero-width blank is never plain, and vanishes.
      expect(displayText(each, 100)).toBe(displayText(`\u200B${each}`, 100))
    }),
    { numRuns: 2000 },
  )
  for (let code = 0x20; code < 0xfffe; code += 1) {
    const each = String.fromCharCode(code)
    if (displayText(each, 1) === each) expect(displayText(`\u200B${each}`, 1)).toBe(each)
  }
})

test('A long text is cut between graphemes, with an ellipsis', () => {
  expect(displayText('👨‍👩‍👧‍👦'.repeat(255), 3)).toBe('👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦…')
  expect(displayText('ab cd', 3)).toBe('ab…')
  expect(displayText('abc', 3)).toBe('abc')
})

test('An endless grapheme ends the text', () => {
  expect(displayText(`a${'👨\u200D'.repeat(5000)}`, 100)).toBe('a…')
})

test('A subject of 10 MB takes no longer than its beginning', () => {
  const value = '\u202E a\u0301'.repeat(2_500_000)
  const started = performance.now()
  expect(displayText(value, 100).length).toBeLessThan(300)
  expect(performance.now() - started).toBeLessThan(500)
})

test('No text shows a hidden character, a line break or a lone surrogate', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 1, max: 80 }),
      (value, max) => {
        const shown = displayText(value, max)
        expect(shown.isWellFormed()).toBe(true)
        expect(shown).not.toMatch(
          /[\p{Cc}\u061C\u00AD\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\u{E0000}-\u{E0FFF}]/u,
        )
        expect(shown).toBe(shown.trim())
        const graphemes = [...new Intl.Segmenter('und').segment(shown)]
        expect(graphemes.length).toBeLessThanOrEqual(max + 1)
      },
    ),
  )
})

test('A text that was prepared once does not change when prepared again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), value => {
      const shown = displayText(value, 1000)
      expect(displayText(shown, 1000)).toBe(shown)
    }),
  )
})
