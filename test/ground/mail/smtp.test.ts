import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import { brandName } from '../../../src/ground/brand/brand.ts'
import { configSchema } from '../../../src/ground/config/schema.ts'
import type { OutgoingMail } from '../../../src/ground/mail/mailer.ts'
import { createSmtpMailer, mailDomain, senderAddress } from '../../../src/ground/mail/smtp.ts'
import { NOW } from '../../embedded/clock.ts'
import { freePort } from '../../servers/ports.ts'
import { startScriptedServer } from '../../servers/scripted-server.ts'
import { startSmtpSink } from '../../servers/smtp-sink.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const mail: OutgoingMail = {
  to: 'alice@example.com',
  subject: '1 message held back',
  html: '<p>Held: ü</p>',
  text: 'Held: ü',
  messageId: '<amavis-digest.1@example.com>',
  date: NOW,
  language: 'en',
  preferencesUrl: 'https://quarantine.example.com/preferences/x',
}

test('a mail goes to its one recipient from the null sender, or from the configured sender', async () => {
  await using sink = await startSmtpSink()
  expect(await mailer(sink.url).send(mail)).toMatchObject({ outcome: 'accepted', reply: /^250 / })
  expect(sink.mails[0]).toMatchObject({ from: '', to: ['alice@example.com'] })
  expect(sink.mails[0]?.parsed.subject).toBe('1 message held back')
  await mailer(sink.url, { envelopeFrom: 'bounces@example.com' }).send(mail)
  expect(sink.mails[1]?.from).toBe('bounces@example.com')
})

test.each([
  ['quarantine@example.com', 'Example, Ltd "Q" <b>', 'Example, Ltd "Q" <b>'],
  ['quarantine@example.com', 'Bücher & Söhne', 'Bücher & Söhne'],
  ['quarantine@example.com', 'x\r\nBcc: eve@evil.example', 'x Bcc: eve@evil.example'],
  ['Mail quarantine <quarantine@example.com>', 'Example Ltd', 'Mail quarantine'],
])('a From of %s and the brand %j give the name %s', async (from, name, shown) => {
  await using sink = await startSmtpSink()
  const smtp = createSmtpMailer({ ...settings(sink.url, { from }), brandName: brandName(name) }, 1)
  onTestFinished(() => smtp[Symbol.asyncDispose]())
  await smtp.send(mail)
  expect(sink.mails[0]).toMatchObject({ to: ['alice@example.com'] })
  expect(sink.mails[0]?.parsed.from).toEqual({ name: shown, address: 'quarantine@example.com' })
  expect(sink.mails[0]?.parsed.bcc).toBeUndefined()
})

test.each([
  ["o'neil@example.com"],
  ['Mixed.Case+tag%x@example.com'],
  ['"odd address"@example.com'],
  ['müller@example.com'],
  [`${'l'.repeat(64)}@${'d'.repeat(63)}.${'e'.repeat(63)}.${'f'.repeat(49)}.example.com`],
])('the address %s is passed on unchanged', async to => {
  await using sink = await startSmtpSink()
  expect(await mailer(sink.url).send({ ...mail, to })).toMatchObject({ outcome: 'accepted' })
  expect(sink.mails[0]?.to).toEqual([to])
})

test.each([
  ['451 4.2.1 Mailbox is busy', 'deferred'],
  ['550 5.1.1 No such user', 'refused'],
])('the reply %s, to the recipient or to the data, means %s', async (reply, outcome) => {
  await using sink = await startSmtpSink()
  sink.answerRecipient('alice@example.com', reply)
  expect(await mailer(sink.url).send(mail)).toEqual({ outcome, reply: expect.stringContaining(reply) })
  sink.recover()
  sink.answerData(reply)
  expect(await mailer(sink.url).send(mail)).toEqual({ outcome, reply: expect.stringContaining(reply) })
})

test.each([
  ['a line break', 'a@b>\r\nRCPT TO:<mallory@example.com'],
  ['a comma', 'mallory,alice@example.com'],
  ['a blank', 'alice mallory@example.com'],
  ['brackets', 'alice <mallory@example.com>'],
])('an address with %s reaches nobody else', async (_, to) => {
  await using sink = await startSmtpSink()
  await mailer(sink.url).send({ ...mail, to })
  for (const received of sink.mails) {
    expect(received.to).toHaveLength(1)
    expect(received.to).not.toContain('mallory@example.com')
  }
})

test.each([
  '"alice>mallory"@example.com',
  '"<mallory@example.com>"@example.com',
  'alice <mallory@example.com>',
  'a@b>\r\nRCPT TO:<mallory@example.com',
])('%j, which no envelope can carry, is refused and reaches nobody at all', async to => {
  await using sink = await startSmtpSink()
  const smtp = mailer(sink.url)
  expect(await smtp.send({ ...mail, to })).toMatchObject({ outcome: 'refused' })
  expect(sink.mails).toEqual([])
  expect(await smtp.send(mail)).toMatchObject({ outcome: 'accepted' })
})

test('when nobody listens, the server is unreachable, and the mail cannot have arrived', async () => {
  const smtp = mailer(`smtp://127.0.0.1:${await freePort()}`)
  const answer = {
    outcome: 'unreachable',
    reply: expect.stringContaining('ECONNREFUSED'),
    mayHaveArrived: false,
  }
  expect(await smtp.send(mail)).toMatchObject(answer)
  expect(await smtp.probe()).toMatchObject({ reply: expect.stringContaining('ECONNREFUSED') })
})

test('a server that is too busy to greet is unreachable', async () => {
  await using server = await startScriptedServer(socket => void socket.end('421 4.3.2 too busy\r\n'))
  expect(await mailer(`smtp://127.0.0.1:${server.port}`).send(mail)).toMatchObject({ outcome: 'unreachable' })
})

test('a lost answer defers this mail, because a server that still lets us in is up', async () => {
  await using sink = await startSmtpSink()
  sink.loseAnswers()
  expect(await mailer(sink.url).send(mail)).toMatchObject({ outcome: 'deferred', mayHaveArrived: true })
  expect(sink.mails).toHaveLength(1)
})

test('a server that no longer lets us in is unreachable, even if it hung up in the middle of a mail', async () => {
  let connections = 0
  await using server = await startScriptedServer(socket => {
    connections += 1
    if (connections > 1) return void socket.end('421 4.3.2 shutting down\r\n')
    socket.write('220 ready\r\n')
    socket.on('data', line => (/^MAIL/.test(line.toString()) ? socket.destroy() : socket.write('250 Ok\r\n')))
  })
  expect(await mailer(`smtp://127.0.0.1:${server.port}`).send(mail)).toMatchObject({ outcome: 'unreachable' })
})

test('with a wrong password the server is unreachable, and no reply contains the password', async () => {
  const port = await listening({
    authMethods: ['PLAIN'],
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth: (auth, _session, done) =>
      auth.password === 'right word' ? done(null, { user: 'u' }) : done(new Error('Invalid login')),
  })
  const wrong = await mailer(`smtp://user:smtp-password@127.0.0.1:${port}`).send(mail)
  expect(wrong).toMatchObject({ outcome: 'unreachable', reply: expect.stringContaining('Invalid login') })
  expect(wrong.reply).not.toContain('smtp-password')
  const right = mailer(`smtp://user:right%20word@127.0.0.1:${port}`)
  expect(await right.probe()).toBeUndefined()
  expect(await right.send(mail)).toMatchObject({ outcome: 'accepted' })
})

test('if TLS is required, a server without it gets no mail', async () => {
  await using sink = await startSmtpSink()
  expect(await mailer(sink.url, { requireTls: true }).send(mail)).toMatchObject({ outcome: 'unreachable' })
  expect(sink.mails).toEqual([])
})

test('a certificate that cannot be verified is refused, unless the settings accept it', async () => {
  // With the certificate of smtp-server, which no authority has signed.
  const port = await listening({ authOptional: true })
  const url = `smtp://127.0.0.1:${port}`
  expect(await mailer(url).send(mail)).toMatchObject({
    outcome: 'unreachable',
    reply: expect.stringMatching(/certificate/i),
  })
  expect(await mailer(url, { verifyCertificate: false }).send(mail)).toMatchObject({ outcome: 'accepted' })
})

test('many mails share few connections', async () => {
  let connections = 0
  let open = 0
  let mostOpen = 0
  const port = await listening({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onConnect: (_session, done) => {
      connections += 1
      open += 1
      mostOpen = Math.max(mostOpen, open)
      done()
    },
    onClose: () => {
      open -= 1
    },
  })
  const pool = mailer(`smtp://127.0.0.1:${port}`)
  const answers = await Promise.all(Array.from({ length: 40 }, () => pool.send(mail)))
  expect(answers.every(answer => answer.outcome === 'accepted')).toBe(true)
  expect(connections).toBeLessThanOrEqual(3)
  expect(mostOpen).toBeLessThanOrEqual(3)
})

test('when a key or certificate cannot be read, the message names its option', () => {
  const dkim = { domain: 'example.com', selector: 's', keyFile: '/nowhere/dkim.pem' }
  expect(() => mailer('smtp://127.0.0.1', { dkim })).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: 'smtp.dkim.keyFile: /nowhere/dkim.pem cannot be read.',
    }),
  )
  expect(() => mailer('smtp://127.0.0.1', { caFile: '/nowhere/ca.pem' })).toThrow(/smtp\.caFile/)
})

test('with DKIM settings a digest is signed, including the fields of one-click unsubscribing', async () => {
  await using sink = await startSmtpSink()
  const keyFile = join(temporaryFolder(), 'dkim.pem')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const dkim = { domain: 'example.com', selector: 'digest', keyFile }
  await mailer(sink.url, { dkim }).send(mail)
  const raw = sink.mails[0]?.raw.toString().replaceAll(/\r\n[ \t]+/g, '') ?? ''
  expect(raw).toMatch(/^DKIM-Signature: v=1;.*d=example\.com;.*s=digest;/m)
  const [, signed = ''] = /^DKIM-Signature: .*\bh=([^;]*);/m.exec(raw) ?? []
  // RFC 8058, section 4.
  for (const field of ['from', 'to', 'subject', 'list-unsubscribe', 'list-unsubscribe-post']) {
    expect(signed.toLowerCase().split(':')).toContain(field)
  }
})

test.each([
  ['Mail quarantine <quarantine@example.com>', 'example.com'],
  ['quarantine@mx.example.org', 'mx.example.org'],
])('the domain of %s is %s', (from, domain) => {
  expect(mailDomain(settings('smtp://127.0.0.1', { from }))).toBe(domain)
  expect(senderAddress(settings('smtp://127.0.0.1', { from }))).toBe(`quarantine@${domain}`)
})

type SmtpInput = Partial<Parameters<typeof configSchema.shape.smtp.parse>[0] & object>

const settings = (url: string, fields: SmtpInput = {}) =>
  configSchema.shape.smtp.parse({ url, from: 'Mail quarantine <quarantine@example.com>', ...fields })

function mailer(url: string, fields: SmtpInput = {}) {
  const smtp = createSmtpMailer(settings(url, fields), 3)
  onTestFinished(() => smtp[Symbol.asyncDispose]())
  return smtp
}

/** Starts an SMTP server that accepts everything, and returns its port. */
async function listening(options: SMTPServerOptions): Promise<number> {
  const server = new SMTPServer({
    logger: false,
    onData: (stream, _session, done) => void stream.resume().on('end', () => done()),
    ...options,
  })
  // A client that hangs up because of the certificate is not a failure of the server.
  server.on('error', () => {})
  const tcp = server.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  onTestFinished(() => new Promise<void>(resolve => server.close(() => resolve())))
  const address = tcp.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  return address.port
}
