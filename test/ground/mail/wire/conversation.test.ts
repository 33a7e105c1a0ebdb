import { expect, test } from 'vitest'
import { MINUTE } from '../../../../src/ground/durations.ts'
import { createConversation } from '../../../../src/ground/mail/wire/conversation.ts'

test('a server that sends a reply without ever ending it is given up after ten minutes', async () => {
  let now = 0
  let closed = 0
  const close = () => {
    closed += 1
  }
  const conversation = createConversation({ write: () => {}, close, clock: () => now })
  const answer = conversation.ask('MAIL FROM:<>\r\n', 1)
  for (; now <= 10 * MINUTE; now += MINUTE) conversation.hear(Buffer.from('2'))
  expect(closed).toBe(0)
  conversation.hear(Buffer.from('2'))
  expect(closed).toBe(1)
  expect(await answer).toEqual([])
  expect(conversation.fault()).toMatchObject({ code: 'ETIMEDOUT' })
  expect(await conversation.ask('NOOP\r\n', 1)).toEqual([])
})

test('a server that sends nothing but empty lines is given up after ten minutes', async () => {
  let now = 0
  const conversation = createConversation({ write: () => {}, close: () => {}, clock: () => now })
  const answer = conversation.ask('MAIL FROM:<>\r\n', 1)
  for (; now <= 11 * MINUTE; now += MINUTE) conversation.hear(Buffer.from('\r\n'))
  expect(conversation.fault()).toMatchObject({ code: 'ETIMEDOUT' })
  expect(await answer).toEqual([])
})
