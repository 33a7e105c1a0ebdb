import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { composer } from '../../../src/ground/mail/compose.ts'
import type { OutgoingMail } from '../../../src/ground/mail/mailer.ts'

const preferencesUrl = `https://quarantine.example.com/preferences/${'x'.repeat(240)}`

const compose = composer(
  { name: 'Mail quarantine', address: 'quarantine@example.com' },
  'quarantine-digest.example.com',
)

const composed = (mail: Partial<OutgoingMail> = {}): Buffer => Buffer.from(textOf(mail), 'latin1')

const textOf = (mail: Partial<OutgoingMail>): string =>
  compose({
    to: 'anna@example.com',
    subject: '2 messages held back',
    html: '<p>Hello</p>',
    text: 'Hello',
    messageId: '<amavis-digest.1@example.com>',
    date: Date.UTC(2026, 2, 11, 5),
    language: 'en',
    preferencesUrl,
    ...mail,
  })

test('a mail contains the given text and HTML, the text first', async () => {
  const text = 'Zwei Nachrichten für Sie\r\n.\r\n\r\n--\r\nGrüße 😀 = gut '
  const html = `<p>${'日本語 <a href="https://q.example.com/x?a=b">x</a>'.repeat(200)}</p>`
  const mail = await PostalMime.parse(composed({ text, html }))
  expect(mail.text?.replaceAll('\r\n', '\n').trimEnd()).toBe(text.replaceAll('\r\n', '\n').trimEnd())
  expect(mail.html?.trimEnd()).toBe(html)
  expect(composed().indexOf('text/plain')).toBeLessThan(composed().indexOf('text/html'))
})

test('its header says that it is automatic, so that neither vacation programs nor lists answer it', async () => {
  const { headers } = await PostalMime.parse(composed())
  const value = (key: string) => headers.find(header => header.key === key)?.value
  expect(value('auto-submitted')).toBe('auto-generated')
  expect(value('x-auto-response-suppress')).toBe('All')
  expect(value('list-id')).toBe('Mail quarantine <quarantine-digest.example.com>')
  expect(value('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click')
  expect(value('content-language')).toBe('en')
  expect(value('mime-version')).toBe('1.0')
  expect(value('date')).toBe('Wed, 11 Mar 2026 05:00:00 +0000')
  expect(value('message-id')).toBe('<amavis-digest.1@example.com>')
  expect(value('precedence')).toBeUndefined()
})

test('the URL of List-Unsubscribe is not folded', () => {
  expect(composed().toString()).toContain(`\r\nList-Unsubscribe: <${preferencesUrl}>\r\n`)
})

test('if nobody may unsubscribe, the mail is still from a list, but has no List-Unsubscribe', () => {
  const mail = composed({ mayUnsubscribe: false }).toString()
  expect(mail).toContain('\r\nList-ID: ')
  expect(mail).not.toContain('List-Unsubscribe')
})

test.each([
  '"odd address"@example.com',
  "o'neil@example.com",
  'grüße@example.com',
  `${'x'.repeat(64)}@${'d'.repeat(60)}.example.com`,
])('%s is the only recipient', async to => {
  const mail = await PostalMime.parse(composed({ to }))
  expect(mail.to?.map(({ address }) => address)).toEqual([to])
})

test.each(['日本語の件名がとても長い場合はどうなりますか、折り返されますか', 'x\r\nBcc: eve@example.com'])(
  'the subject %j adds no header field and keeps the header ASCII',
  async subject => {
    const [header = ''] = composed({ subject }).toString().split('\r\n\r\n')
    expect(header).toMatch(/^[\r\n\t -~]*$/)
    expect(header).not.toMatch(/^Bcc:/m)
    const mail = await PostalMime.parse(composed({ subject }))
    expect(mail.subject).toBe(subject.replace('\r\n', ' '))
  },
)

test.each([
  { to: `"a${' '.repeat(150)}b"@example.com` },
  { subject: `a${' '.repeat(200)}b` },
  { subject: ' '.repeat(100) },
])('no line of the header is blank: %j', async fields => {
  const [header = ''] = composed(fields).toString().split('\r\n\r\n')
  expect(header.split('\r\n').filter(line => line.trim() === '')).toEqual([])
  const { to, subject } = await PostalMime.parse(composed(fields))
  if (fields.to !== undefined) expect(to?.map(({ address }) => address)).toEqual([fields.to])
  else expect((subject ?? '').trim()).toBe(fields.subject.trim())
})

test('an image that the HTML shows travels beside it, and the text stays an alternative', async () => {
  const content = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 256))
  const image = { contentId: 'logo@example.com', type: 'image/png', fileName: 'logo.png', content }
  const html = '<p><img src="cid:logo@example.com" alt="">Hello</p>'
  const source = composed({ html, image })
  const mail = await PostalMime.parse(source)
  expect(mail.html?.trimEnd()).toBe(html)
  expect(mail.text?.trimEnd()).toBe('Hello')
  expect(mail.attachments).toMatchObject([
    {
      contentId: '<logo@example.com>',
      mimeType: 'image/png',
      disposition: 'inline',
      filename: 'logo.png',
      related: true,
    },
  ])
  expect(Buffer.from(mail.attachments[0]?.content as ArrayBuffer)).toEqual(content)
  expect(source.toString('latin1')).toMatch(
    /multipart\/alternative.*text\/plain.*multipart\/related.*text\/html/s,
  )
  for (const line of source.toString('latin1').split('\r\n')) expect(line.length).toBeLessThan(400)
  expect(composed().toString()).not.toContain('multipart/related')
})
