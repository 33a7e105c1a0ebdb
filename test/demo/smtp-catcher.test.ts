import { createTransport } from 'nodemailer'
import { expect, test } from 'vitest'
import { createMailboxes } from '../../src/demo/inbox/mailboxes.ts'
import { startSmtpCatcher } from '../../src/demo/smtp-catcher.ts'

test('each recipient of an envelope finds the mail in their own mailbox', async () => {
  const mailboxes = createMailboxes()
  await using catcher = await startSmtpCatcher(mailboxes.receive)
  await createTransport({ host: '127.0.0.1', port: catcher.port }).sendMail({
    envelope: { from: '', to: ['müller@example.com', "o'neil@example.com"] },
    from: 'Quarantine <quarantine@example.com>',
    subject: 'Grüße',
    text: 'Hello',
    html: '<p>Hello</p>',
  })
  expect(mailboxes.list().map(mail => [mail.id, mail.to, mail.sender, mail.subject, mail.released])).toEqual([
    [2, "o'neil@example.com", '', 'Grüße', false],
    [1, 'müller@example.com', '', 'Grüße', false],
  ])
})

test('the oldest mail is dropped beyond the capacity', async () => {
  const mailboxes = createMailboxes(2)
  for (const subject of ['one', 'two', 'three']) {
    await mailboxes.receive(
      { sender: '', recipients: ['a@example.com'] },
      Buffer.from(`Subject: ${subject}\n\n`),
      0,
    )
  }
  expect(mailboxes.list().map(mail => mail.subject)).toEqual(['three', 'two'])
  expect(mailboxes.find(1)).toBeUndefined()
})

test('a client that is still connected does not keep the catcher from stopping', async () => {
  const catcher = await startSmtpCatcher(createMailboxes().receive)
  const pool = createTransport({ host: '127.0.0.1', port: catcher.port, pool: true })
  await pool.sendMail({ from: 'a@example.com', to: 'b@example.com', text: 'Hello' })
  await catcher[Symbol.asyncDispose]()
  pool.close()
})
