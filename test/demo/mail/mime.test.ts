import fc from 'fast-check'
import PostalMime, { decodeWords } from 'postal-mime'
import { expect, test } from 'vitest'
import { attachmentPart, headerText, multipart, textPart } from '../../../src/demo/mail/mime.ts'

const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 })

test('encoded words are at most 75 characters long and decode to the original text', () => {
  fc.assert(
    fc.property(words, text => {
      const encoded = headerText(`é${text}`, 'utf-8')
      for (const word of encoded.split('\n ')) expect(word.length).toBeLessThanOrEqual(75)
      expect(decodeWords(encoded.replaceAll('\n', ''))).toBe(`é${text}`)
    }),
  )
})

test('plain ASCII needs no encoded words', () => {
  expect(headerText('Sports day', 'utf-8')).toBe('Sports day')
})

test('text that only looks like an encoded word is encoded', () => {
  expect(decodeWords(headerText('=?utf-8?Q?x?=', 'utf-8'))).toBe('=?utf-8?Q?x?=')
})

test.each(['base64', 'quoted-printable'] as const)(
  'a text survives %s in lines of at most 76 octets',
  async transfer => {
    const text = `Größe = groß, ${'ü='.repeat(90)} ends with a space \nsecond line\t\n`
    const { header, body } = textPart('text/plain', text, 'utf-8', transfer)
    for (const line of body.toString().split('\n')) expect(line.length).toBeLessThanOrEqual(76)
    const mail = await PostalMime.parse(Buffer.concat([Buffer.from(`${header.join('\n')}\n\n`), body]))
    expect(mail.text).toBe(text)
  },
)

test('parts keep their order and content', async () => {
  const { header, body } = multipart('mixed', [
    textPart('text/plain', 'Hello', 'utf-8', 'base64'),
    attachmentPart('application/zip', Buffer.from([0, 1, 2, 255]), 'a.zip'),
  ])
  const mail = await PostalMime.parse(Buffer.concat([Buffer.from(`${header.join('\n')}\n\n`), body]))
  expect(mail.text?.trim()).toBe('Hello')
  expect(mail.attachments[0]?.filename).toBe('a.zip')
  expect(new Uint8Array(mail.attachments[0]?.content as ArrayBuffer)).toEqual(new Uint8Array([0, 1, 2, 255]))
})
