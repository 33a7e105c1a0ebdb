import fc from 'fast-check'
import { expect, test } from 'vitest'
import { displayDomain } from '../../../src/ground/display/domain.ts'

test.each([
  ['Example.COM.', 'example.com'],
  ['xn--mnchen-3ya.de', 'münchen.de'],
  ['bücher.example', 'bücher.example'],
  ['xn--e1afmkfd.xn--p1ai', 'пример.рф'],
  ['日本語.jp', '日本語.jp'],
  ['ελλάδα.gr', 'ελλάδα.gr'],
])('%s cannot deceive and is shown as %s', (domain, shown) => {
  expect(displayDomain(domain)).toBe(shown)
})

test.each([
  ['Cyrillic letters that look Latin', 'аррӏе.com', 'xn--80ak6aa92e.com'],
  ['the same in punycode', 'xn--80ak6aa92e.com', 'xn--80ak6aa92e.com'],
  ['two scripts in a label', 'раурal.com', /^xn--/],
  ['a Katakana stroke that looks like a slash', 'google.comノevil.jp', /^google\.xn--/],
  ['a dotless i', 'ıstanbul.com', /^xn--/],
  ['a stroke inside a letter', 'paypał.com', /^xn--/],
  ['a Cyrillic word below a Latin top-level domain', 'ѕсоре.ru', /^xn--/],
])('%s is shown as in DNS', (_title, domain, shown) => {
  expect(displayDomain(domain)).toMatch(shown)
})

test.each(['', 'xn--', 'xn--a', '[1.2.3.4]', '1.2.3.4', 'a..b', '-', '%41.com'])(
  'The odd domain %j is shown unchanged',
  domain => {
    expect(displayDomain(domain)).toBe(domain)
  },
)

test('A text that is not a domain shows no letters that could deceive', () => {
  expect(displayDomain('é'.repeat(300))).toBe('\uFFFD')
})

test('No domain throws, and no label mixes ASCII letters with another script', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), domain => {
      for (const label of displayDomain(domain).split('.')) {
        if (/[a-z]/.test(label)) expect(label).not.toMatch(/\p{sc=Cyrillic}|\p{sc=Greek}|\p{sc=Han}/u)
      }
    }),
  )
})
