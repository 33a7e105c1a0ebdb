import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mailtoUrl } from '../../../src/ground/display/mailto-url.ts'

// The first ones are examples of RFC 6068, section 6.
test.each([
  ['gorby%kremvax@example.com', 'mailto:gorby%25kremvax@example.com'],
  ['unlikely?address@example.com', 'mailto:unlikely%3Faddress@example.com'],
  ['Mike&family@example.org', 'mailto:Mike%26family@example.org'],
  ['"not@me"@example.org', 'mailto:%22not%40me%22@example.org'],
  ['"oh\\\\no"@example.org', 'mailto:%22oh%5C%5Cno%22@example.org'],
  [
    '"\\\\\\"it\'s\\ ugly\\\\\\""@example.org',
    "mailto:%22%5C%5C%5C%22it's%5C%20ugly%5C%5C%5C%22%22@example.org",
  ],
  ['user@natto.納豆.example.org', 'mailto:user@natto.%E7%B4%8D%E8%B1%86.example.org'],
  ['a?bcc=eve@example.com', 'mailto:a%3Fbcc%3Deve@example.com'],
  ['postmaster', 'mailto:postmaster'],
  ['half \ud83d@example.com', 'mailto:half%20%EF%BF%BD@example.com'],
])('%s is linked as %s', (address, url) => {
  expect(mailtoUrl(address)).toBe(url)
})

test('for any address, the link has no header fields and names only that address', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), address => {
      const url = new URL(mailtoUrl(address))
      expect([url.protocol, url.search, url.hash]).toEqual(['mailto:', '', ''])
      expect(decodeURIComponent(url.pathname)).toBe(address)
    }),
  )
})
