import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wrapText } from '../../../src/ground/display/wrap.ts'

test('Lines are broken at blanks', () => {
  expect(wrapText('one two three\nfour', 8)).toBe('one two\nthree\nfour')
})

test('A link is not broken', () => {
  const link = `https://quarantine.example/release/${'x'.repeat(300)}`
  expect(wrapText(`a\n${link}\nb`, 40)).toBe(`a\n${link}\nb`)
})

test('No line of any text exceeds what mail allows', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), text => {
      for (const line of wrapText(text, 76).split('\n')) expect(Buffer.byteLength(line)).toBeLessThan(998)
    }),
  )
})
