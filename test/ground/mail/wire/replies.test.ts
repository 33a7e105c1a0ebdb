import { expect, test } from 'vitest'
import { createReplyReader } from '../../../../src/ground/mail/wire/replies.ts'

test('replies are the same, in whatever pieces they come', () => {
  const sent = Buffer.from('250-first\r\n250-\r\n250 last: ü\r\n354\r\n\r\n550 5.1.1 no\n')
  const expected = [
    { code: 250, text: '250-first\n250-\n250 last: ü' },
    { code: 354, text: '354' },
    { code: 550, text: '550 5.1.1 no' },
  ]
  for (let size = 1; size <= sent.length; size++) {
    const reader = createReplyReader()
    const pieces = Array.from({ length: Math.ceil(sent.length / size) }, (_, at) =>
      sent.subarray(at * size, (at + 1) * size),
    )
    expect(pieces.flatMap(piece => reader.read(piece))).toEqual(expected)
    expect(reader.isWithin()).toBe(false)
  }
})

test('a reply that is not in UTF-8 keeps its octets', () => {
  const reader = createReplyReader()
  expect(reader.read(Buffer.from('550 Empfänger\r\n', 'latin1'))).toEqual([
    { code: 550, text: '550 Empfänger' },
  ])
})

test.each([
  'HTTP/1.1 400 Bad Request\r\n',
  '25 ok\r\n',
  '2500 ok\r\n',
  '250_ok\r\n',
  '150 wait\r\n',
  '250-first\r\n550 last\r\n',
  '250-first\r\n\r\n250 last\r\n',
])('%j is not SMTP', sent => {
  expect(createReplyReader().read(Buffer.from(sent))).toBeUndefined()
})

test.each([
  ['a line', Buffer.alloc(1000, 'x')],
  ['a reply', Buffer.from('250-more\r\n'.repeat(100))],
])('%s without an end is given up, and many replies are not', (_, piece) => {
  const reader = createReplyReader()
  let pieces = 0
  while (reader.read(piece)) pieces += 1
  expect(pieces).toBeLessThan(25)
  expect(createReplyReader().read(Buffer.from('250 ok\r\n'.repeat(10_000)))).toHaveLength(10_000)
})

test.each([
  ['421 4.4.2 timeout', { code: 421, text: '421 4.4.2 timeout' }],
  ['550-5.7.1 spam\r\n550 5.7.1 go', { code: 550, text: '550-5.7.1 spam\n550 5.7.1 go' }],
  ['55', undefined],
  ['250 2.0.0 Ok: queu', undefined],
  ['550 done\r\n', undefined],
])('of %j without a line end, a refusal is told at the end and nothing else', (sent, last) => {
  const reader = createReplyReader()
  reader.read(Buffer.from(sent))
  expect(reader.last()).toEqual(last)
})
