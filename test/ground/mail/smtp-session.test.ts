import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import { SMTPServer } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import { SmtpFailure } from '../../../src/ground/mail/smtp-failure.ts'
import { openSession, type SmtpOptions, type SmtpSession } from '../../../src/ground/mail/smtp-session.ts'
import { makeCertificates } from '../../servers/certificates.ts'
import { startScriptedServer } from '../../servers/scripted-server.ts'

const MESSAGE = 'Subject: hi\r\n\r\n.dot\r\n'
const CONTENT = 'Subject: hi\r\n\r\n..dot\r\n.\r\n'
const ENVELOPE = ['MAIL FROM:<>\r\n', 'RCPT TO:<a@example.com>\r\n', 'DATA\r\n']

test('the envelope is one write and the content another, if the server offers PIPELINING', async () => {
  const { session, heard } = await connected(['PIPELINING'])
  expect(await send(session)).toBe('250 2.0.0 content')
  expect(heard).toEqual([ENVELOPE.join(''), CONTENT])
})

test('otherwise one command follows the other', async () => {
  const { session, heard } = await connected(['SIZE 1000'])
  await send(session)
  await send(session)
  const [, ...rest] = ENVELOPE
  const each = [`MAIL FROM:<> SIZE=${MESSAGE.length}\r\n`, ...rest, CONTENT]
  expect(heard).toEqual([...each, ...each])
})

test.each([
  ['SMTPUTF8', 'MAIL FROM:<> SMTPUTF8\r\nRCPT TO:<ü@example.com>\r\nDATA\r\n'],
  ['8BITMIME', 'MAIL FROM:<>\r\nRCPT TO:<ü@example.com>\r\nDATA\r\n'],
])('with %s an address beyond ASCII is written as %j', async (extension, envelope) => {
  const { session, heard } = await connected(['PIPELINING', extension])
  await session.send('', 'ü@example.com', MESSAGE)
  expect(heard[0]).toBe(envelope)
})

test('replies may come octet by octet', async () => {
  const { session } = await connected(
    ['PIPELINING'],
    { MAIL: '250-one\r\n250', content: '250-a\r\n250 b' },
    1,
  )
  expect(await send(session)).toBe('250-a\n250 b')
})

test.each([
  ['all at once', ['PIPELINING']],
  ['one command after the other', []],
])('after a refusal of the recipient the session carries the next mail: %s', async (_, extensions) => {
  const { session, heard, replies } = await connected(extensions, { RCPT: '550 5.1.1 no', DATA: '503 no' })
  const failure = await failureOf(send(session))
  expect(failure).toMatchObject({
    reply: '550 5.1.1 no',
    replyCode: 550,
    command: 'RCPT TO',
    isHandedOver: false,
  })
  expect(failure.codes).toEqual(['EENVELOPE'])
  expect(heard.at(-1)).toBe('RSET\r\n')
  Object.assign(replies, { RCPT: '250 ok', DATA: '354 go' })
  expect(await send(session)).toBe('250 2.0.0 content')
})

test('a server that wants content although it refused the recipient gets an empty mail for nobody', async () => {
  const { session, heard, replies } = await connected(['PIPELINING'], { RCPT: '450 4.2.1 busy' })
  expect(await failureOf(send(session))).toMatchObject({ replyCode: 450, isHandedOver: false })
  expect(heard).toEqual([ENVELOPE.join(''), '.\r\n', 'RSET\r\n'])
  replies.RCPT = '250 ok'
  expect(await send(session)).toBe('250 2.0.0 content')
})

test('a server that wants content although it refused the sender gets none', async () => {
  const { session, heard } = await connected(['PIPELINING'], { MAIL: '550 5.7.1 no' })
  expect(await failureOf(send(session))).toMatchObject({ replyCode: 550, command: 'MAIL FROM' })
  expect(heard).toEqual([ENVELOPE.join('')])
  expect(session.isOpen()).toBe(false)
})

test('a refused content leaves the session open', async () => {
  const { session, replies } = await connected(['PIPELINING'], { content: '554 5.7.1 spam' })
  const failure = await failureOf(send(session))
  expect(failure).toMatchObject({
    reply: '554 5.7.1 spam',
    command: 'DATA',
    isHandedOver: true,
    isReply: true,
  })
  expect(failure.codes).toEqual(['EMESSAGE'])
  replies.content = '250 ok'
  expect(await send(session)).toBe('250 ok')
})

test('a session that cannot be reset carries no more mails', async () => {
  const { session } = await connected(['PIPELINING'], { RCPT: '550 no', DATA: '503 no', RSET: '500 what?' })
  expect(await failureOf(send(session))).toMatchObject({ replyCode: 550 })
  expect(session.isOpen()).toBe(false)
})

test.each([
  ['MAIL', false],
  ['RCPT', false],
  ['DATA', false],
  ['content', true],
] as const)('421 to %s is a refusal of this mail, and the end of the session', async (step, isHandedOver) => {
  const { session } = await connected(['PIPELINING'], { [step]: '421 4.3.2 bye' })
  expect(await failureOf(send(session))).toMatchObject({ replyCode: 421, isHandedOver })
  expect(session.isOpen()).toBe(false)
})

test.each([
  ['a reply too many before the content', { MAIL: '250 ok\r\n250 ok' }],
  ['a consent that is none', { DATA: '250 ok' }],
  ['a consent to MAIL FROM', { MAIL: '354 go' }],
  ['what is not SMTP', { RCPT: 'ok' }],
  ['a line without an end', { RCPT: '2'.repeat(100_000) }],
])('%s is no answer: the session ends before any content', async (_, replies) => {
  const { session, heard } = await connected(['PIPELINING'], replies)
  const failure = await failureOf(send(session))
  expect(failure).toMatchObject({ isHandedOver: false, isReply: false })
  expect(failure.codes).toEqual(['EPROTOCOL'])
  expect(heard.join('')).not.toContain('Subject')
  expect(session.isOpen()).toBe(false)
})

test('a reply too many after a mail ends the session, so that no other mail gets it', async () => {
  const { session } = await connected(['PIPELINING'], { content: '250 ok\r\n250 ok' })
  expect(await send(session)).toBe('250 ok')
  expect(session.isOpen()).toBe(false)
  expect(await failureOf(send(session))).toMatchObject({ isHandedOver: false, isReply: false })
})

test('a reply too many that comes late shifts no answer', async () => {
  const { session, heard, socket } = await connected([])
  await send(session)
  const [server] = await socket
  heard.length = 0
  const late = send(session)
  server?.write('250 late\r\n')
  expect(await failureOf(late)).toMatchObject({ isHandedOver: false, isReply: false })
  expect(heard.join('')).not.toContain('Subject')
})

test.each([
  ['421 4.4.2 idle for too long\r\n', 'goodbye'],
  ['', 'hanging up'],
])('a server may end an idle session by %j', async goodbye => {
  const { session, socket } = await connected(['PIPELINING'])
  const [server] = await socket
  server?.end(goodbye)
  await expect.poll(() => session.isOpen()).toBe(false)
  await session.quit()
})

test.each([
  ['MAIL', false],
  ['content', true],
] as const)('a server that hangs up instead of answering %s', async (step, isHandedOver) => {
  const { session } = await connected(['PIPELINING'], { [step]: HANG_UP })
  expect(await failureOf(send(session))).toMatchObject({ isHandedOver, isReply: false })
  expect(session.isOpen()).toBe(false)
})

test('a refusal counts although its line was not ended, or the rest of the replies is missing', async () => {
  const unended = await connected(['PIPELINING'], { content: `554 5.7.1 spam${HANG_UP}` })
  expect(await failureOf(send(unended.session))).toMatchObject({ reply: '554 5.7.1 spam', isReply: true })
  const missing = await connected(['PIPELINING'], { RCPT: '550 5.1.1 no', DATA: HANG_UP })
  expect(await failureOf(send(missing.session))).toMatchObject({ reply: '550 5.1.1 no', isHandedOver: false })
  const accepted = await connected(['PIPELINING'], { content: `250 o${HANG_UP}` })
  expect(await failureOf(send(accepted.session))).toMatchObject({ isReply: false, isHandedOver: true })
})

test.each([
  ['MAIL', false],
  ['content', true],
] as const)('a server that says nothing to %s is given up', async (step, isHandedOver) => {
  const { session } = await connected(['PIPELINING'], { [step]: '' }, undefined, { socketTimeout: 50 })
  const failure = await failureOf(send(session))
  expect(failure).toMatchObject({ isHandedOver, isReply: false })
  expect(failure.codes).toContain('SOCKET_TIMEOUT')
})

test.each(['a@b>\r\nRCPT TO:<eve@example.com', 'a@example.com>', '<a@example.com', 'a\0@example.com', ''])(
  'nothing is written for the address %j, and the session goes on',
  async to => {
    const { session, heard } = await connected(['PIPELINING'])
    const failure = await failureOf(session.send('', to, MESSAGE))
    expect(failure).toMatchObject({ isHandedOver: false, isReply: false })
    expect(failure.codes).toEqual(['EENVELOPE'])
    if (to !== '')
      expect(await failureOf(session.send(to, 'a@example.com', MESSAGE))).toMatchObject({ isReply: false })
    expect(heard).toEqual([])
    expect(await send(session)).toBe('250 2.0.0 content')
  },
)

test('a large mail reaches a server that reads slowly, octet for octet', async () => {
  const { session, heard, socket } = await connected(['PIPELINING'])
  const [server] = await socket
  server?.on('data', () => {
    server.pause()
    setImmediate(() => server.resume())
  })
  const large = `${'x'.repeat(70)}\r\n.${'y'.repeat(70)}\r\n`.repeat(20_000)
  expect(await session.send('', 'a@example.com', large)).toBe('250 2.0.0 content')
  const received = heard.join('').slice(ENVELOPE.join('').length)
  expect(received.replaceAll('\r\n..', '\r\n.') === `${large}.\r\n`).toBe(true)
})

test('a connection that breaks in the middle of a mail may have carried it', async () => {
  const { session, socket } = await connected(['PIPELINING'])
  const [server] = await socket
  server?.on('data', piece => piece.includes('xxx') && server.resetAndDestroy())
  const large = 'x'.repeat(20_000_000)
  const failure = await failureOf(session.send('', 'a@example.com', large))
  expect(failure).toMatchObject({ isHandedOver: true, isReply: false })
  expect(failure.codes.join(' ')).toMatch(/ECONNRESET|EPIPE/)
})

test('QUIT is said, and a server that hangs up instead of answering is no failure', async () => {
  const { session, heard } = await connected(['PIPELINING'], { QUIT: HANG_UP })
  await session.quit()
  expect(heard).toEqual(['QUIT\r\n'])
  expect(session.isOpen()).toBe(false)
})

test('TLS begins and somebody signs in before the mails', async () => {
  const certificates = makeCertificates('nobody')
  onTestFinished(() => certificates[Symbol.dispose]())
  const received: { user: unknown; octets: number }[] = []
  const server = new SMTPServer({
    key: readFileSync(certificates.key),
    cert: readFileSync(certificates.certificate),
    authMethods: ['CRAM-MD5'],
    onAuth: ({ username }, _session, done) => done(null, { user: username }),
    onData: (stream, { user }, done) => {
      let octets = 0
      stream.on('data', (piece: Buffer) => {
        octets += piece.length
      })
      stream.on('end', () => {
        received.push({ user, octets })
        done()
      })
    },
  })
  const tcp = server.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  onTestFinished(() => new Promise<void>(resolve => server.close(() => resolve())))
  const { port } = tcp.address() as { port: number }
  const tls = { ca: readFileSync(certificates.authority) }
  const session = await open(port, {
    host: 'localhost',
    requireTLS: true,
    tls,
    auth: { user: 'u', pass: 'p' },
  })
  const large = `${'x'.repeat(70)}\r\n`.repeat(50_000)
  for (const message of [large, MESSAGE])
    expect(await session.send('', 'a@example.com', message)).toMatch(/^250/)
  expect(received).toEqual([large, MESSAGE].map(({ length }) => ({ user: 'u', octets: length })))
})

test('nodemailer still tells its socket, and reads it by one listener that can be taken away', async () => {
  await using server = await startScriptedServer(socket => {
    socket.write('220 ready\r\n')
    socket.on('data', () => socket.write('250 ok\r\n'))
  })
  const connection = new SMTPConnection({ host: '127.0.0.1', port: server.port })
  await new Promise<void>(resolve => connection.connect(() => resolve()))
  const { _socket: socket } = connection
  expect(socket).toBeInstanceOf(Socket)
  if (!socket) return
  expect(socket.listenerCount('data')).toBe(1)
  expect(socket.listenerCount('readable')).toBe(0)
  connection.close()
})

const send = (session: SmtpSession): Promise<string> => session.send('', 'a@example.com', MESSAGE)

const failureOf = async (sending: Promise<string>): Promise<SmtpFailure> => {
  const failure: unknown = await sending.catch((error: unknown) => error)
  if (failure instanceof SmtpFailure) return failure
  throw new Error(`not refused: ${String(failure)}`)
}

/** A session with a server that gives these replies, in pieces of so many octets. */
async function connected(
  extensions: readonly string[],
  given: Partial<Replies> = {},
  piece?: number,
  options: SmtpOptions = {},
) {
  const heard: string[] = []
  const replies: Replies = { ...ACCEPTED, ...given }
  const socket = Promise.withResolvers<[Socket]>()
  const server = await startScriptedServer(connection => {
    socket.resolve([connection])
    answer(connection, extensions, replies, heard, piece)
  })
  onTestFinished(() => server[Symbol.asyncDispose]())
  const session = await open(server.port, options)
  return { session, heard, replies, socket: socket.promise }
}

async function open(port: number, options: SmtpOptions = {}): Promise<SmtpSession> {
  const session = await openSession({
    host: '127.0.0.1',
    port,
    secure: false,
    socketCloseTimeout: 0,
    ...options,
  })
  onTestFinished(() => session.quit())
  return session
}

type Replies = Record<'MAIL' | 'RCPT' | 'DATA' | 'content' | 'RSET' | 'QUIT', string>

const HANG_UP = '\0'

const ACCEPTED: Replies = {
  MAIL: '250 2.1.0 sender',
  RCPT: '250 2.1.5 recipient',
  DATA: '354 go',
  content: '250 2.0.0 content',
  RSET: '250 2.0.0 reset',
  QUIT: '221 2.0.0 bye',
}

/** Answers each command and each content. A reply with `HANG_UP` is the last. */
function answer(
  socket: Socket,
  extensions: readonly string[],
  replies: Replies,
  heard: string[],
  piece?: number,
): void {
  let rest = ''
  let isContent = false
  const say = (reply: string) => {
    const [text = '', end] = reply.split(HANG_UP)
    if (text !== '') inPieces(socket, end === undefined ? `${text}\r\n` : text, piece)
    if (end !== undefined) socket.end()
  }
  socket.write('220 ready\r\n')
  socket.on('data', (chunk: Buffer) => {
    const text = chunk.toString()
    if (text.startsWith('EHLO'))
      return say(['250-mx', ...extensions.map(word => `250-${word}`), '250 DSN'].join('\r\n'))
    heard.push(text)
    rest += text
    for (let end = endOf(rest, isContent); end > 0; end = endOf(rest, isContent)) {
      const step = isContent ? 'content' : (rest.slice(0, 4) as keyof Replies)
      rest = rest.slice(end)
      isContent = step === 'DATA' && replies.DATA.startsWith('354')
      say(replies[step])
    }
  })
}

/** Where the first command or content ends; 0: not yet. */
function endOf(text: string, isContent: boolean): number {
  const mark = isContent && !text.startsWith('.\r\n') ? '\r\n.\r\n' : '\r\n'
  const at = text.indexOf(mark)
  return at < 0 ? 0 : at + mark.length
}

function inPieces(socket: Socket, text: string, size = text.length): void {
  for (let at = 0; at < text.length; at += size) socket.write(text.slice(at, at + size))
}
