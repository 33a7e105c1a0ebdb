import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readerAddress } from '../../../src/ground/directory/reader-address.ts'

test.each([
  ['Alice@Example.COM', 'alice@example.com'],
  ['alice@example.com.', 'alice@example.com'],
  ["O'Neil@example.com", "o'neil@example.com"],
  ['a.b+tag=1%x@example.com', 'a.b+tag=1%x@example.com'],
  ['"odd address"@example.com', '"odd address"@example.com'],
  ['"Alice"@example.com', 'alice@example.com'],
  ['"al\\ice"@example.com', 'alice@example.com'],
  ['"at@and\\"quote"@example.com', '"at@and\\"quote"@example.com'],
  ['"a..b"@example.com', '"a..b"@example.com'],
  ['A..b@example.com', '"a..b"@example.com'],
  ['a.@example.com', '"a."@example.com'],
  ['alice@[IPv6:2001:db8::1]', 'alice@[ipv6:2001:db8::1]'],
  ['MÜLLER@example.com', 'müller@example.com'],
  ['mu\u0308ller@example.com', 'müller@example.com'],
  ['用户@bücher.example', '用户@xn--bcher-kva.example'],
  ['用户@BÜCHER.example', '用户@xn--bcher-kva.example'],
  ['用户@xn--BCHER-KVA.example', '用户@xn--bcher-kva.example'],
  ['alice@bücher。example', 'alice@xn--bcher-kva.example'],
  ['alice@[192.0.2.1]', 'alice@[192.0.2.1]'],
  [`${'l'.repeat(64)}@${'d'.repeat(63)}.example`, `${'l'.repeat(64)}@${'d'.repeat(63)}.example`],
])('%s is read by %s', (address, reader) => {
  expect(readerAddress(address)).toBe(reader)
})

test.each([
  ['the null sender', ''],
  ['no domain', 'alice'],
  ['an empty domain', 'alice@'],
  ['an empty local part', '@example.com'],
  ['a blank outside of quotes', 'a b@example.com'],
  ['a line break', 'a\r\nb@example.com'],
  ['a line break in quotes', '"a\r\nb"@example.com'],
  ['NUL', 'a\0@example.com'],
  ['a bracket', '<alice@example.com>'],
  ['a domain with a blank', 'alice@exam ple.com'],
  ['a domain with a slash', 'alice@example.com/x'],
  ['a domain with a query', 'alice@example.com?x'],
  ['a domain with a port', 'alice@example.com:80'],
  ['more than 255 characters', `alice@${'d.'.repeat(130)}example`],
])('%s is not an address', (_, address) => {
  expect(readerAddress(address)).toBeUndefined()
})

test('the normal form of an address does not change when it is normalised again', () => {
  const local = fc.oneof(
    fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
    fc.string({ minLength: 1, maxLength: 40 }).map(text => `"${text.replace(/["\\]/g, '\\$&')}"`),
  )
  const domain = fc.oneof(fc.domain(), fc.constantFrom('BÜCHER.example', 'straße.example', '[2001:DB8::1]'))
  fc.assert(
    fc.property(local, domain, (localPart, domainPart) => {
      const normal = readerAddress(`${localPart}@${domainPart}`)
      fc.pre(normal !== undefined && normal.length <= 255)
      expect(readerAddress(normal)).toBe(normal)
      expect(readerAddress(normal.toUpperCase().toLowerCase())).toBeDefined()
    }),
    { numRuns: 1000 },
  )
})

test('no text throws, and no normal form contains a control character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => {
      expect(readerAddress(text) ?? '').not.toMatch(/\p{Cc}/u)
    }),
  )
})
