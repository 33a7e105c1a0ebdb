import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contentOf } from '../../../../src/ground/mail/wire/content.ts'
import { octetsOf } from '../../../../src/ground/mail/wire/octets.ts'

test.each([
  ['a\r\nb\r\n', 'a\r\nb\r\n.\r\n'],
  ['a', 'a\r\n.\r\n'],
  ['', '.\r\n'],
  ['.', '..\r\n.\r\n'],
  ['.a\r\n..\r\n', '..a\r\n...\r\n.\r\n'],
  ['a.\r\n.\r\nb', 'a.\r\n..\r\nb\r\n.\r\n'],
  ['a\n.\nb', 'a\r\n..\r\nb\r\n.\r\n'],
  ['a\r.\rb', 'a\r\n..\r\nb\r\n.\r\n'],
  ['a\r\r\n.b\r', 'a\r\n\r\n..b\r\n.\r\n'],
  ['ü\r\n', 'ü\r\n.\r\n'],
])('%j travels as %j', (message, content) => {
  expect(Buffer.from(contentOf(octetsOf(message)), 'latin1').toString()).toBe(content)
})

test('no message ends early, and the other side gets each of its lines', () => {
  const message = fc.array(fc.constantFrom('\r', '\n', '\r\n', '.', 'a', '\u00fc', '\0'), { maxLength: 30 })
  fc.assert(
    fc.property(message, pieces => {
      const octets = pieces.join('')
      const content = contentOf(octets)
      const end = content === '.\r\n' ? 0 : content.indexOf('\r\n.\r\n') + 2
      expect(end + 3).toBe(content.length)
      const lines = content.slice(0, end).replace(/(^|\r\n)\./g, '$1')
      const sent = octets.replace(/\r\n|\r|\n/g, '\r\n')
      expect([sent, `${sent}\r\n`]).toContain(lines)
      expect(content.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    }),
  )
})
