import { expect, test } from 'vitest'
import { comparedAddresses, senderOfMessage } from '../../../src/rules/senders/sender-of-message.ts'

test.each([
  ['bob@shop.example', 'Bob <Bob@Shop.example>', 'bob@shop.example'],
  ['bounces+4711@mailer.example', 'Shop <news@shop.example>', 'news@shop.example'],
  ['bob@shop.example', '', 'bob@shop.example'],
  ['bob@shop.example', 'nobody at all', 'bob@shop.example'],
  ['', 'MAILER-DAEMON@mx.example', undefined],
  ['bob@shop.example', 'Bob <jörg@shop.example>', undefined],
])('from <%s>, %j: %s', (sender, from, offered) => {
  expect(senderOfMessage({ sender, from })).toBe(offered)
})

test('amavisd compares the envelope sender and each address of From', () => {
  const from = 'Ann <ann@a.example>, ben@b.example'
  expect(comparedAddresses({ sender: 'bounce@c.example', from })).toEqual([
    'bounce@c.example',
    'ann@a.example',
    'ben@b.example',
  ])
  expect(comparedAddresses({ sender: '', from: 'MAILER-DAEMON@mx.example' })).toEqual([
    'MAILER-DAEMON@mx.example',
  ])
})
