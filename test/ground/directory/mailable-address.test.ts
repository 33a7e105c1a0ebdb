import { expect, test } from 'vitest'
import { mailableAddress } from '../../../src/ground/directory/mailable-address.ts'

test.each([
  ['Alice.Home@Example.NET', 'Alice.Home@example.net'],
  [' jürgen@bücher.example ', 'jürgen@xn--bcher-kva.example'],
  ['ju\u0308rgen@example.net', 'jürgen@example.net'],
  ['"Bob Smith"@example.net', '"Bob Smith"@example.net'],
  [`${'x'.repeat(64)}@example.net`, `${'x'.repeat(64)}@example.net`],
  ['x@corp.local', 'x@corp.local'],
  ['x@local.example', 'x@local.example'],
])('%s becomes %s', (text, address) => {
  expect(mailableAddress(text)).toBe(address)
})

test.each([
  ['a local part of 65 octets', `${'x'.repeat(65)}@example.net`],
  ['a local part of 33 letters of two octets', `${'ü'.repeat(33)}@example.net`],
  ['an IP address', 'x@1.2.3.4'],
  ['an IP address in another notation', 'x@0x7f.1'],
  ['a number that becomes an IP address', 'x@1'],
  ['an IP address with a dot after it', 'x@10.0.0.1.'],
  ['an address literal', 'x@[10.0.0.1]'],
  ['an IPv6 address literal', 'x@[IPv6:::1]'],
  ['this host', 'x@localhost'],
  ['this host in capitals', 'x@LOCALHOST.'],
  ['a name below this host', 'x@mail.localhost'],
  ['what systems call this host', 'x@localhost.localdomain'],
  ['what systems call this host on IPv6', 'x@localhost6.localdomain6'],
  ['a domain without a dot', 'x@mailhost'],
  ['a domain that never exists', 'x@example.invalid'],
  ['a hidden service', 'x@expyuzz4wqqyqhjn.onion'],
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
