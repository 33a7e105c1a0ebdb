import addressparser from 'nodemailer/lib/addressparser'
import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { configSchema } from '../../../src/ground/config/schema.ts'
import { composer } from '../../../src/ground/mail/compose.ts'
import { mailDomain, senderAddress, senderOf } from '../../../src/ground/mail/smtp.ts'
import { NOW } from '../../embedded/clock.ts'

const smtpOf = (from: string) => configSchema.shape.smtp.parse({ url: 'smtp://127.0.0.1', from })

test.each([
  ['Mail quarantine <q@example.com>', 'Mail quarantine'],
  ['Example Ltd. <q@example.com>', 'Example Ltd.'],
  ['Mail: quarantine <q@example.com>', 'Mail: quarantine'],
  ['Quarantine; do not reply <q@example.com>', 'Quarantine; do not reply'],
  ['Quarantine (do not reply) <q@example.com>', 'Quarantine (do not reply)'],
  ['Quarantine, Example Ltd <q@example.com>', 'Quarantine, Example Ltd'],
  ['"Quarantine: Example" <q@example.com>', 'Quarantine: Example'],
  ['"The \\"spam\\" folder" <q@example.com>', 'The "spam" folder'],
  ['"Help @ Example" <q@example.com>', 'Help @ Example'],
  ['The "spam" folder <q@example.com>', 'The "spam" folder'],
  ['Back\\slash [x] <q@example.com>', 'Back\\slash [x]'],
  ['Quarantäne: München (IT) <q@example.com>', 'Quarantäne: München (IT)'],
  ['隔離メール。 <q@example.com>', '隔離メール。'],
  [
    `${'A very long name, with commas; '.repeat(6)}end <q@example.com>`,
    `${'A very long name, with commas; '.repeat(6)}end`,
  ],
  ['<q@example.com>', ''],
  ['q@example.com', ''],
])('the From of %s is read by others as it was meant', async (from, name) => {
  const smtp = smtpOf(from)
  expect([senderAddress(smtp), mailDomain(smtp)]).toEqual(['q@example.com', 'example.com'])
  const compose = composer(senderOf(smtp), 'list.example.com')
  const raw = compose({
    to: 'alice@example.com',
    subject: '',
    html: '',
    text: '',
    messageId: '<1@example.com>',
    date: NOW,
    language: 'en',
  })
  const { from: sender } = await PostalMime.parse(raw)
  expect(sender).toEqual({ name, address: 'q@example.com' })
  const header = raw.toString().replaceAll(/\r\n[ \t]/g, ' ')
  const [, value = ''] = /^From: (.*)$/m.exec(header) ?? []
  expect(addressparser(value)).toHaveLength(1)
  expect(addressparser(value)[0]?.address).toBe('q@example.com')
})

test.each([
  'no address',
  'Name <>',
  'Name <a@b> <c@d>',
  'q@example.com (comment)',
  'q@example.com(comment)',
  'a@b.example, c@d.example',
  'Name <q@exa mple.com>',
  'Name <q@example.com',
])('%s is refused as smtp.from', from => {
  expect(() => smtpOf(from)).toThrow(/expected an address such as/)
})
