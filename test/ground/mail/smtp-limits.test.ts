import { expect, onTestFinished, test } from 'vitest'
import { configSchema } from '../../../src/ground/config/schema.ts'
import { MINUTE } from '../../../src/ground/durations.ts'
import type { OutgoingMail, SendAnswer } from '../../../src/ground/mail/mailer.ts'
import { createSmtpMailer } from '../../../src/ground/mail/smtp.ts'
import { smtpFaultOf } from '../../../src/ground/mail/smtp-fault.ts'
import { createSmtpPool } from '../../../src/ground/mail/smtp-pool.ts'
import { openSession } from '../../../src/ground/mail/smtp-session.ts'
import { manualClock, NOW } from '../../embedded/clock.ts'
import { type SmtpSink, startSmtpSink } from '../../servers/smtp-sink.ts'

test.each([
  ['421 in the greeting', '421 4.7.0 sink.example.com Error: too many connections from 127.0.0.1'],
  ['450 in the greeting', '450 4.7.1 Too many connections, try again later'],
  ['554 in the greeting', '554 5.7.1 Too many sessions'],
  ['a hang-up', undefined],
])('when the server refuses a fifth connection by %s, four carry all mails', async (_, greeting) => {
  await using sink = await startSmtpSink()
  sink.allowConnections(4, greeting)
  const { mailer, fewer } = mailerOn(sink, 10)
  const answers = await sendMany(mailer, 60)
  expect(answers.filter(({ outcome }) => outcome !== 'accepted')).toEqual([])
  expect(new Set(sink.mails.map(mail => mail.to[0])).size).toBe(60)
  expect(sink.mails).toHaveLength(60)
  expect(mailer.connections()).toMatchObject({ allowed: 4 })
  expect(fewer.map(([allowed]) => allowed)).toEqual([4])
  if (greeting !== undefined) expect(fewer[0]?.[1]).toContain(greeting)
})

test.each([
  ['421', '421 4.3.2 Too many mails in this session, goodbye'],
  ['450', '450 4.7.1 Too many connections'],
])('a session that the server ends with %s is replaced, and no mail is put off', async (_, reply) => {
  await using sink = await startSmtpSink()
  sink.allowMails(3, reply)
  const { mailer } = mailerOn(sink, 2)
  const answers = await sendMany(mailer, 20)
  expect(answers.filter(({ outcome }) => outcome !== 'accepted')).toEqual([])
  expect(sink.mails).toHaveLength(20)
})

test('a server that refuses every connection is away, for all waiting mails at once', async () => {
  await using sink = await startSmtpSink()
  sink.allowConnections(0, '421 4.3.2 Service shutting down')
  const { mailer, fewer } = mailerOn(sink, 5)
  const answers = await sendMany(mailer, 30)
  expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(['unreachable']))
  expect(fewer).toEqual([])
  sink.recover()
  expect(await sendMany(mailer, 5)).toMatchObject(Array.from({ length: 5 }, () => ({ outcome: 'accepted' })))
})

test('mails wait while others use up the connections that the server allows, and the server is not called away', async () => {
  await using sink = await startSmtpSink()
  sink.allowConnections(4, '421 4.7.0 too many connections')
  const others = mailerOn(sink, 4)
  const held = sink.holdAnswers()
  const theirs = sendMany(others.mailer, 4)
  await expect.poll(() => held.count()).toBe(4)
  const { mailer } = mailerOn(sink, 10)
  const ours = sendMany(mailer, 30)
  await expect.poll(() => mailer.probe()).toBeUndefined()
  held.answer()
  await theirs
  await others.mailer[Symbol.asyncDispose]()
  const answers = [...(await theirs), ...(await ours)]
  expect(answers.filter(({ outcome }) => outcome !== 'accepted')).toEqual([])
  expect(mailer.connections()).toMatchObject({ allowed: 4 })
})

test('if others keep them, the server is away after a while, for a reason that says what to do', async () => {
  const time = manualClock()
  await using sink = await startSmtpSink()
  sink.allowConnections(0, '421 4.7.0 too many connections')
  const pool = createSmtpPool({
    open: () => openSession({ host: '127.0.0.1', port: sink.port, secure: false }),
    most: 2,
    rate: undefined,
    onFewer: () => {},
    clock: time.clock,
  })
  onTestFinished(() => pool[Symbol.asyncDispose]())
  expect(await pool.probe()).toBeUndefined()
  time.now += MINUTE
  const failure = await pool.probe()
  expect(failure && smtpFaultOf(failure, { requireTls: false })).toEqual({
    code: 'SMTP_UNREACHABLE',
    sentence: expect.stringContaining('lower delivery.connections'),
  })
  await expect(pool.use(async () => {})).rejects.toMatchObject({ isCrowded: true })
  sink.recover()
  await pool.use(async () => {})
  expect(await pool.probe()).toBeUndefined()
})

test('an address that cannot be written is no fault of the connection, which carries the next mail', async () => {
  await using sink = await startSmtpSink()
  const accepted = sink.allowConnections(10)
  const pool = createSmtpPool({
    open: () => openSession({ host: '127.0.0.1', port: sink.port, secure: false }),
    most: 2,
    rate: undefined,
    onFewer: () => {},
    clock: () => performance.now(),
  })
  onTestFinished(() => pool[Symbol.asyncDispose]())
  const sendTo = (to: string) => pool.use(session => session.send('', to, 'hi'))
  await expect(sendTo('a@b>\r\nDATA')).rejects.toMatchObject({ isReply: false, codes: ['EENVELOPE'] })
  expect(await sendTo('alice@example.com')).toMatch(/^250/)
  expect(accepted()).toBe(1)
})

test('a probe does not call a server away that only has no room for one more connection', async () => {
  await using sink = await startSmtpSink()
  sink.allowConnections(1, '421 4.7.0 too many connections')
  const { mailer } = mailerOn(sink, 1)
  const held = sink.holdAnswers()
  const sending = mailer.send(mailTo('alice@example.com'))
  await expect.poll(() => held.count()).toBe(1)
  expect(await mailer.probe()).toBeUndefined()
  held.answer()
  expect(await sending).toMatchObject({ outcome: 'accepted' })
})

test('a mail that is no longer wanted when a connection is free is not sent', async () => {
  await using sink = await startSmtpSink()
  const { mailer } = mailerOn(sink, 1)
  expect(await mailer.send(mailTo('alice@example.com'), () => false)).toMatchObject({ outcome: 'withdrawn' })
  expect(sink.mails).toEqual([])
})

test.each([
  ['552 5.3.4 Message size exceeds fixed limit', 'too-large'],
  ['552 Message too big', 'too-large'],
  ['554 5.3.4 Message too large', 'too-large'],
  ['550 5.2.3 Longer than this mailbox takes', 'too-large'],
  ['552 5.2.2 Mailbox full', 'refused'],
  ['554 5.7.1 Spam', 'refused'],
])('the reply %s means %s', async (reply, outcome) => {
  await using sink = await startSmtpSink()
  sink.answerData(reply)
  const { mailer } = mailerOn(sink, 1)
  expect(await mailer.send(mailTo('alice@example.com'))).toEqual({ outcome, reply })
})

test('a mail above the size that the server announces is too large, and is not sent', async () => {
  await using sink = await startSmtpSink()
  sink.announce(['SIZE 300'])
  const { mailer } = mailerOn(sink, 1)
  expect(await mailer.send(mailTo('alice@example.com'))).toMatchObject({ outcome: 'too-large', reply: /300/ })
  sink.announce(['SIZE 30000'])
  const other = mailerOn(sink, 1)
  expect(await other.mailer.send(mailTo('alice@example.com'))).toMatchObject({ outcome: 'accepted' })
  expect(sink.mails).toHaveLength(1)
  expect(sink.mails[0]?.parameters).toBe(`SIZE=${sink.mails[0]?.raw.length}`)
})

test('a server without SMTPUTF8 gets no address beyond ASCII, and still gets the others', async () => {
  await using sink = await startSmtpSink()
  sink.announce(['PIPELINING', '8BITMIME'])
  const { mailer } = mailerOn(sink, 1)
  expect(await mailer.send(mailTo('jürgen@example.com'))).toMatchObject({
    outcome: 'refused',
    reply: expect.stringContaining('SMTPUTF8'),
  })
  // A domain can be written in ASCII.
  expect(await mailer.send(mailTo('jurgen@bücher.example'))).toMatchObject({ outcome: 'accepted' })
  expect(sink.mails.map(({ to }) => to)).toEqual([['jurgen@xn--bcher-kva.example']])
})

function mailerOn(sink: SmtpSink, connections: number) {
  const smtp = configSchema.shape.smtp.parse({ url: sink.url, from: 'quarantine@example.com' })
  const fewer: [allowed: number, reply: string][] = []
  const mailer = createSmtpMailer(smtp, connections, (...found) => fewer.push(found))
  onTestFinished(() => mailer[Symbol.asyncDispose]())
  return { mailer, fewer }
}

const sendMany = (mailer: ReturnType<typeof mailerOn>['mailer'], count: number): Promise<SendAnswer[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => mailer.send(mailTo(`reader-${index}@example.com`))))

const mailTo = (to: string): OutgoingMail => ({
  to,
  subject: '1 message held back',
  html: '<p>Held</p>',
  text: 'Held',
  messageId: `<amavis-digest.${to}>`,
  date: NOW,
  language: 'en',
})
