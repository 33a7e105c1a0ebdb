import { afterAll, expect, test } from 'vitest'
import { createMessageReader } from '../../../src/ground/message/threaded-reader.ts'

const reader = createMessageReader()
const hasty = createMessageReader({ timeout: 1500 })
afterAll(async () => {
  for (const one of [reader, hasty]) await one[Symbol.asyncDispose]()
})

const octets = (text: string) => new Uint8Array(Buffer.from(text))

test('a message of 50 MB is read, and its attachment fetched', async () => {
  const base64 = `${'QUJD'.repeat(19)}\n`.repeat(640_000)
  const message = `Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHi\n--b\nContent-Type: application/x; name=a.bin\nContent-Transfer-Encoding: base64\n\n${base64}--b--\n`
  expect(await reader.content(octets(message))).toMatchObject({
    is: 'read',
    value: { text: 'Hi', attachments: [{ name: 'a.bin', size: 36_480_000 }] },
  })
  const file = await reader.attachment(octets(message), 0)
  expect(file.is === 'read' && file.value?.content.length).toBe(36_480_000)
})

test('a message that takes too long is too large, and the next one is read', async () => {
  const slow = `Content-Type: text/html\n\n${'<div>'.repeat(300_000)}`
  expect(await hasty.content(octets(slow))).toEqual({ is: 'too-large' })
  expect(await hasty.content(octets('\nHello'))).toMatchObject({ is: 'read', value: { text: 'Hello' } })
})
