import { expect, test } from 'vitest'
import { headerField } from '../../../src/demo/mail/header-field.ts'

const message = (...lines: string[]): Buffer =>
  Buffer.from(`${lines.join('\n')}\n\nSubject: in the body\n`, 'latin1')

test('a folded field is unfolded and trimmed', () => {
  expect(headerField(message('Subject:  one\n two \t'), 'Subject')).toBe('one two')
})

test('encoded words are decoded, including line ends in them', () => {
  expect(headerField(message('Subject: =?utf-8?Q?a=0D=0Ab?='), 'Subject')).toBe('a\r\nb')
})

test('raw octets are read as UTF-8 if they are valid, otherwise as Windows-1252', () => {
  expect(headerField(message(Buffer.from('Subject: fällt').toString('latin1')), 'Subject')).toBe('fällt')
  expect(headerField(message('Subject: fällt'), 'Subject')).toBe('fällt')
})

test('the first of two fields counts, and the case of its name does not matter', () => {
  expect(headerField(message('SUBJECT: first', 'Subject: second'), 'Subject')).toBe('first')
})

test('a field that is not in the header is empty, even if the body has one', () => {
  expect(headerField(message('From: a@example.com'), 'Subject')).toBe('')
})

test('255 characters are kept, and an emoji counts as one', () => {
  expect(headerField(Buffer.from(`Subject: ${'😀'.repeat(300)}\n\n`), 'Subject')).toBe('😀'.repeat(255))
})
