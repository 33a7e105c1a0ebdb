import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'

const load = createRequire(import.meta.url)
const filesOfNodemailer = (): string[] => Object.keys(load.cache).filter(file => file.includes('/mime-node/'))

test('a mailbox that is plain is written without nodemailer, and as nodemailer would', async () => {
  // Another test file may have loaded it.
  for (const file of filesOfNodemailer()) delete load.cache[file]
  vi.resetModules()
  const { mailboxField } = await import('../../../src/ground/mail/header-field.ts')
  const address = 'quarantine@example.com'
  expect(mailboxField('From', { name: '', address })).toBe('From: quarantine@example.com')
  expect(mailboxField('From', { name: 'Mail quarantine', address })).toBe(
    'From: Mail quarantine <quarantine@example.com>',
  )
  expect(filesOfNodemailer()).toEqual([])
  const { encodeHeaderValue } = load('nodemailer/lib/mime-node') as {
    encodeHeaderValue(name: string, value: object): string
  }
  const { foldLines } = load('nodemailer/lib/mime-funcs') as {
    foldLines(text: string, length: number): string
  }
  const words = fc.array(fc.stringMatching(/^[\w.,"é-]{1,12}$/), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(words, list => {
      const mailbox = { name: list.join(' '), address }
      const theirs = foldLines(`From: ${encodeHeaderValue('From', mailbox)}`, 76)
      expect(mailboxField('From', mailbox)).toBe(theirs)
    }),
  )
})
