import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodedLength } from '../../../src/ground/mail/encoded-length.ts'
import { encodedText } from '../../../src/ground/mail/transfer-encoding.ts'

test('Latin text travels as quoted-printable, wide scripts in base64', () => {
  expect(encodedText('Die Rechnung für Ihren Wasserhahn liegt bei.').encoding).toBe('quoted-printable')
  expect(encodedText('隔離されたメール').encoding).toBe('base64')
  expect(encodedText('Ящик с письмами').encoding).toBe('base64')
})

test('Base64 has lines of 76 characters', () => {
  const { body } = encodedText('日本語'.repeat(100))
  expect(body.split('\r\n').every(line => line.length <= 76)).toBe(true)
  expect(Buffer.from(body, 'base64').toString()).toBe('日本語'.repeat(100))
})

test('The length is known without encoding, a few per cent too high at most', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 2000 }), fc.nat(400), (text, equals) => {
      const whole = text.toWellFormed() + 'a="b" '.repeat(equals)
      const { body } = encodedText(whole)
      expect(encodedLength(whole)).toBeGreaterThanOrEqual(body.length)
      expect(encodedLength(whole)).toBeLessThanOrEqual(body.length * 1.06 + 80)
    }),
  )
})
