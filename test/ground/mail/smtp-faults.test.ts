import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:tls'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { configSchema } from '../../../src/ground/config/schema.ts'
import type { OutgoingMail } from '../../../src/ground/mail/mailer.ts'
import { createSmtpMailer } from '../../../src/ground/mail/smtp.ts'
import { NOW } from '../../embedded/clock.ts'
import { type Certificates, makeCertificates } from '../../servers/certificates.ts'
import { startScriptedServer } from '../../servers/scripted-server.ts'
import { startSmtpSink } from '../../servers/smtp-sink.ts'

let certificates: Certificates

beforeAll(() => {
  certificates = makeCertificates('nobody')
})
afterAll(() => certificates?.[Symbol.dispose]())

test('a wrong password', async () => {
  const port = await smtpServer({
    authMethods: ['PLAIN', 'LOGIN'],
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth: (_auth, _session, done) => done(new Error('Invalid login')),
  })
  await expectFault(`smtp://digest:secret-word@127.0.0.1:${port}`, {
    code: 'SMTP_LOGIN_REFUSED',
    reply: /^The mail server refused our user or password \(smtp\.url\)\. 535 /,
  })
})

test('a server that wants us to sign in', async () => {
  const port = await smtpServer({ disabledCommands: ['STARTTLS'] })
  const answer = await mailer(`smtp://127.0.0.1:${port}`).send(MAIL)
  expect(answer).toMatchObject({
    outcome: 'unreachable',
    code: 'SMTP_LOGIN_REFUSED',
    reply: expect.stringMatching(/wants us to sign in: put user and password into smtp\.url\. 530 /),
  })
})

test('a sign-in that fails for now', async () => {
  const port = await smtpServer({
    authMethods: ['PLAIN'],
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth: (_auth, _session, done) =>
      done(Object.assign(new Error('Temporary authentication failure'), { responseCode: 454 })),
  })
  await expectFault(`smtp://digest:secret-word@127.0.0.1:${port}`, { code: 'SMTP_UNREACHABLE', reply: /454/ })
})

test('a certificate of an unknown authority, over STARTTLS and over TLS from the start', async () => {
  const fault = {
    code: 'SMTP_CERTIFICATE_UNTRUSTED',
    reply: /^The certificate of the mail server is not trusted: set smtp\.caFile\./,
  }
  await expectFault(`smtp://localhost:${await smtpServer(tls())}`, fault)
  await expectFault(`smtps://localhost:${await smtpServer({ ...tls(), secure: true })}`, fault)
  const trusting = mailer(`smtp://localhost:${await smtpServer(tls())}`, { caFile: certificates.authority })
  expect(await trusting.probe()).toBeUndefined()
})

test('a certificate for another name', async () => {
  const url = `smtp://127.0.0.1:${await smtpServer(tls())}`
  await expectFault(
    url,
    {
      code: 'SMTP_CERTIFICATE_WRONG_NAME',
      reply: /is for another name: put a name that it is for into smtp\.url/,
    },
    { caFile: certificates.authority },
  )
})

test('TLS that is required and not offered', async () => {
  await using sink = await startSmtpSink()
  await expectFault(
    sink.url,
    { code: 'SMTP_TLS_FAILED', reply: /does not start TLS \(STARTTLS\): .*smtp\.requireTls/ },
    { requireTls: true },
  )
})

test('STARTTLS that is offered and refused', async () => {
  await using server = await startScriptedServer(socket => {
    socket.write('220 ready\r\n')
    socket.on('data', line =>
      socket.write(
        /^EHLO/.test(line.toString()) ? '250-mx\r\n250 STARTTLS\r\n' : '454 4.7.0 TLS not available\r\n',
      ),
    )
  })
  await expectFault(`smtp://127.0.0.1:${server.port}`, {
    code: 'SMTP_TLS_FAILED',
    reply: /offers TLS and refused to start it.* 454 4\.7\.0/,
  })
})

test('smtps:// to a port without TLS', async () => {
  await using sink = await startSmtpSink()
  await expectFault(`smtps://127.0.0.1:${sink.port}`, { code: 'SMTP_TLS_FAILED', reply: /use smtp:\/\// })
})

test('smtp:// to a port that begins with TLS', { timeout: 30_000 }, async () => {
  const server = createTlsServer(keys(), socket => socket.on('error', () => {}))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  await expectFault(`smtp://127.0.0.1:${port}`, { code: 'SMTP_NOT_SPOKEN', reply: /needs smtps:\/\// })
})

test.each([
  'SSH-2.0-OpenSSH_9.2\r\n',
  '* OK IMAP4rev1 ready\r\n',
  '+OK POP3 ready\r\n',
  'HTTP/1.1 400 Bad Request\r\n\r\n',
])('a port where %j answers', async greeting => {
  await using server = await startScriptedServer(socket => void socket.end(greeting))
  await expectFault(`smtp://127.0.0.1:${server.port}`, {
    code: 'SMTP_NOT_SPOKEN',
    reply: /does not speak SMTP: correct the port in smtp\.url/,
  })
})

test('a name that nobody knows', async () => {
  await expectFault('smtp://mx.invalid:25', {
    code: 'SMTP_HOST_UNKNOWN',
    reply: /correct the host in smtp\.url/,
  })
})

async function expectFault(
  url: string,
  fault: { code: string; reply: RegExp },
  fields: SmtpInput = {},
): Promise<void> {
  const found = { code: fault.code, reply: expect.stringMatching(fault.reply) }
  const smtp = mailer(url, fields)
  expect(await smtp.probe()).toEqual(found)
  const answer = await smtp.send(MAIL)
  expect(answer).toEqual({ outcome: 'unreachable', ...found, mayHaveArrived: false })
  expect(answer.reply).not.toContain('secret-word')
}

type SmtpInput = Partial<Parameters<typeof configSchema.shape.smtp.parse>[0] & object>

function mailer(url: string, fields: SmtpInput = {}) {
  const smtp = createSmtpMailer(
    configSchema.shape.smtp.parse({ url, from: 'quarantine@example.com', ...fields }),
    2,
  )
  onTestFinished(() => smtp[Symbol.asyncDispose]())
  return smtp
}

const keys = () => ({
  key: readFileSync(certificates.key),
  cert: readFileSync(certificates.certificate),
})

const tls = (): SMTPServerOptions => ({ authOptional: true, ...keys() })

async function smtpServer(options: SMTPServerOptions): Promise<number> {
  const server = new SMTPServer({ logger: false, ...options })
  server.on('error', () => {})
  const tcp = server.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  onTestFinished(() => new Promise<void>(resolve => server.close(() => resolve())))
  const address = tcp.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  return address.port
}

const MAIL: OutgoingMail = {
  to: 'alice@example.com',
  subject: '',
  html: '',
  text: '',
  messageId: '<1@example.com>',
  date: NOW,
  language: 'en',
}
