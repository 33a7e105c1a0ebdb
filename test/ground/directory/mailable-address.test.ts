import { expect, test } from 'vitest'
import { mailableAddress } from '../../../src/ground/directory/mailable-address.ts'

test.each([
  ['Alice.Home@Example.NET', 'Alice.Home@example.net'],
  [' jürgen@bücher.example ', 'jürgen@xn--bcher-kva.example'],
  ['ju\u0308rgen@example.net', 'jürgen@example.net'],
  ['"Bob Smith"@example.net', '"Bob Smith"@example.net'],
  [`${'x'.repeat(64)}@example.net`, `${'x'.repeat(64)}@example.net`],
  ['x@[127.0.0.1]', 'x@[127.0.0.1]'],
])('%s becomes %s', (text, address) => {
  expect(mailableAddress(text)).toBe(address)
})

test.each([
  ['a local part of 65 octets', `${'x'.repeat(65)}@example.net`],
  ['a local part of 33 letters of two octets', `${'ü'.repeat(33)}@example.net`],
  ['an IP address', 'x@1.2.3.4'],
  ['an IP address in another notation', 'x@0x7f.1'],
  ['a number that becomes an IP address', 'x@1'],
  ['a domain with nothing between two dots', 'x@a..b'],
  ['a label that begins with a hyphen', 'x@-x.example'],
  ['reversed text', '\u202Ex@example.net'],
  ['an isolate', 'x\u2066y@example.net'],
  ['a zero-width space', 'x\u200By@example.net'],
  ['a joiner', 'x\u200Dy@example.net'],
  ['a non-joiner that the script requires', 'می\u200Cخواهم@example.net'],
  ['a soft hyphen', 'x\u00ADy@example.net'],
  ['a filler', 'x\u3164y@example.net'],
  ['a hidden character in quotes', '"x\u200B y"@example.net'],
  ['a non-breaking space in quotes', '"x\u00A0y"@example.net'],
  ['two blanks that show as one', '"x  y"@example.net'],
  ['a character of the C1 set', 'x\u0085y@example.net'],
  ['private characters', 'x\uE000@example.net'],
  ['brackets', '<x@example.net>'],
  ['a name', 'Alice <x@example.net>'],
  ['nothing', ''],
])('%s is refused', (_, text) => {
  expect(mailableAddress(text)).toBeUndefined()
})
