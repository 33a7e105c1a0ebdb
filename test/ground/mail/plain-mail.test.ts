import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { loadLocales } from '../../../src/ground/i18n/locales.ts'
import { composer } from '../../../src/ground/mail/compose.ts'
import { isOwnMessageId } from '../../../src/ground/mail/message-id.ts'
import { loadPlainMail } from '../../../src/ground/mail/plain-mail.ts'
import { templateFiles } from '../../../src/ground/templates/template-files.ts'
import { NOW } from '../../embedded/clock.ts'

const plainMail = loadPlainMail(templateFiles(), 'example.com', () => NOW)
const words = loadLocales(templateFiles()).wordsFor('en')

const LETTER = {
  to: 'alice@example.com',
  subject: 'A <question>',
  paragraphs: ['Is it you & nobody else?', 'Then say so.'],
  link: { url: 'https://quarantine.example.com/x?a=1&b=2', label: 'It is me' },
  afterwards: ['Otherwise do nothing.'],
}

test('both parts of a letter have the same content in the same order', async () => {
  const mail = await parsed()
  expect(mail.text?.trimEnd()).toBe(
    'A <question>\n\nIs it you & nobody else?\n\nThen say so.\n\nIt is me:\nhttps://quarantine.example.com/x?a=1&b=2\n\nOtherwise do nothing.',
  )
  expect(mail.html).toContain(
    '<h1 style="margin:0 0 16px;font-size:22px;line-height:28px">A &lt;question&gt;</h1>',
  )
  expect(mail.html).toContain('Is it you &amp; nobody else?')
  expect(mail.html).toContain('href="https://quarantine.example.com/x?a&#x3D;1&amp;b&#x3D;2"')
  expect(mail.html?.indexOf('It is me')).toBeLessThan(mail.html?.indexOf('Otherwise') ?? 0)
})

test('a letter is marked as automatic, has no list header, and is recognised as ours', async () => {
  const mail = await parsed()
  const header = new Map(mail.headers.map(({ key, value }) => [key, value]))
  expect(header.get('auto-submitted')).toBe('auto-generated')
  expect([...header.keys()].filter(name => name.startsWith('list-'))).toEqual([])
  expect(mail.subject).toBe('A <question>')
  expect(mail.to).toMatchObject([{ address: 'alice@example.com' }])
  expect(isOwnMessageId(mail.messageId ?? '', 'example.com')).toBe(true)
})

test('a letter without a link has none', () => {
  const { html, text } = plainMail(words, { to: LETTER.to, subject: 'News', paragraphs: ['It is so.'] })
  expect(text).toBe('News\n\nIt is so.\n')
  expect(html).not.toContain('<a ')
})

const compose = composer({ name: 'Quarantine', address: 'quarantine@example.com' }, 'q.example.com')
const parsed = () => PostalMime.parse(compose(plainMail(words, LETTER)))
