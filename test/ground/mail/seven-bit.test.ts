import { expect, test } from 'vitest'
import { isSevenBit } from '../../../src/ground/mail/seven-bit.ts'

test.each([
  ['', true],
  ['Hello', true],
  ['Hello\r\n\r\nFrom: here\r\n--\r\n.\r\n', true],
  [`${'x'.repeat(998)}\r\n${'y'.repeat(998)}`, true],
  [`Hello\r\n${'x'.repeat(999)}`, false],
  [`${'x'.repeat(999)}\r\n`, false],
  ['Grüße', false],
  ['Hello\nthere', false],
  ['Hello\rthere', false],
  ['Hello\0', false],
  ['From here', false],
  ['Hello\r\nFrom here', false],
  ['--=_digest', false],
  ['Hello\r\n--=_digest--', false],
])('%j may travel as it is: %j', (text, may) => {
  expect(isSevenBit(text)).toBe(may)
})
