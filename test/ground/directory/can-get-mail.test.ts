import { expect, test } from 'vitest'
import { canGetMail } from '../../../src/ground/directory/can-get-mail.ts'
import { ODD_RECIPIENTS } from '../../servers/odd-recipients.ts'

test.each([
  ...ODD_RECIPIENTS.map(({ stored }) => stored),
  'postmaster@localhost',
  'a@[192.0.2.1]',
  'a@[IPv6:2001:db8::1]',
  'a@bücher.example',
  '"a\\"b"@example.com',
  `${'l'.repeat(70)}@example.com`,
])('a mail can be sent to %s', address => {
  expect(canGetMail(address)).toBe(true)
})

test.each([
  '"a>b"@example.com',
  '"a> SIZE=1 <b"@example.com',
  '"a\\>b"@example.com',
  'a<b@example.com',
  'se\uFFFDor@example.com',
  'se\uD800or@example.com',
  'a@ex\uFFFDmple.com',
  '"line\r\nbreak"@example.com',
  '"nul\0"@example.com',
  '"bell\u0007"@example.com',
  '"next\u0085line"@example.com',
  '"line\u2028separator"@example.com',
  '""@example.com',
  '@example.com',
  'undisclosed',
  '',
  'a@',
  'a@example..com',
  'a@-example.com',
  'a@192.0.2.1',
  'a@[999.0.2.1]',
  'a@[IPv6:::::]',
  'a@[]',
  `a@${'d'.repeat(64)}.example.com`,
  `${'l'.repeat(243)}@example.com`,
  `${'ü'.repeat(122)}@example.com`,
])('no mail can be sent to %j', address => {
  expect(canGetMail(address)).toBe(false)
})
