import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { freePort } from './ports.ts'
import { SmtpLines } from './smtp-lines.ts'

/**
 * An SMTP server that keeps the mail it receives. `smtp-server` will not do: the tests need the exact envelope
 * addresses, and it cannot read a quoted local part with a space in it.
 */
export interface SmtpSink extends AsyncDisposable {
  readonly port: number
  /** The value for `smtp.url`. */
  readonly url: string
  readonly mails: readonly ReceivedMail[]
  /** Answers that RCPT TO with this reply from now on. */
  answerRecipient(address: string, reply: string): void
  /** Answers the end of DATA with this reply from now on. */
  answerData(reply: string): void
  /** From now on, accepts mail but hangs up instead of answering. */
  loseAnswers(): void
  /**
   * Refuses connections beyond so many at a time: with this greeting, or by hanging up if there is none.
   * @returns the most that were open at once, refused ones included
   */
  allowConnections(most: number, greeting?: string): () => number
  /** Replies to that many mails in a session, and then to each MAIL FROM with this reply. */
  allowMails(most: number, reply: string): void
  /** What EHLO announces besides the greeting, one word a line. */
  announce(capabilities: readonly string[]): void
  /** Makes clients wait for the answer to a mail until the test gives it. */
  holdAnswers(): HeldAnswers
  /** Accepts and answers everything again. */
  recover(): void
  /** Forgets the mails received so far. */
  clear(): void
  /** The first matching mail, received before or later. */
  waitFor(matches: (mail: ReceivedMail) => boolean, timeout?: number): Promise<ReceivedMail>
  /** Stops listening and breaks open connections. */
  stop(): Promise<void>
  /** Listens again on the same port. */
  start(): Promise<void>
}

export interface ReceivedMail {
  /** Between the angle brackets of MAIL FROM, as sent. */
  readonly from: string
  /** Between the angle brackets of each accepted RCPT TO, as sent. */
  readonly to: readonly string[]
  /** ESMTP parameters of MAIL FROM: `SMTPUTF8`, `BODY=8BITMIME`. */
  readonly parameters: string
  readonly raw: Buffer
  readonly parsed: Email
}

/** Callbacks for a test that watches the sessions. */
export interface SinkWatcher {
  /** The client that introduced itself as `hello` has sent DATA; the sink has not answered yet. */
  onData?(hello: string): void
  /** A mail was accepted. `heard` is false if the connection was lost before the sink could say so. */
  onTaken?(mail: ReceivedMail, about: { readonly hello: string; readonly heard: boolean }): void
  /** If false, `mails` stays empty: the watcher keeps what it needs. */
  readonly keeps?: boolean
}

export async function startSmtpSink(watcher: SinkWatcher = {}): Promise<SmtpSink> {
  const state: SinkState = {
    watcher,
    taken: 0,
    mails: [],
    recipientReplies: new Map(),
    dataReply: undefined,
    losesAnswers: false,
    held: undefined,
    waiting: new Set(),
    connections: undefined,
    mailsPerSession: undefined,
    capabilities: CAPABILITIES,
  }
  const sockets = new Set<Socket>()
  // One of its own, because it listens there again after an outage.
  const port = await freePort()
  let server: Server
  const start = async () => {
    server = createServer(socket => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      socket.on('error', () => socket.destroy())
      if (refuses(state, socket, sockets.size)) return
      void converse(socket, state)
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const stop = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await start()
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    mails: state.mails,
    answerRecipient: (address, reply) => state.recipientReplies.set(address, reply),
    answerData: reply => {
      state.dataReply = reply
    },
    loseAnswers: () => {
      state.losesAnswers = true
    },
    allowConnections: (most, greeting) => {
      const connections = { most, greeting, seen: 0 }
      state.connections = connections
      return () => connections.seen
    },
    allowMails: (most, reply) => {
      state.mailsPerSession = { most, reply }
    },
    announce: capabilities => {
      state.capabilities = capabilities
    },
    holdAnswers: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const held = { count: 0, opened: promise }
      state.held = held
      return {
        count: () => held.count,
        answer: () => {
          state.held = undefined
          resolve()
        },
      }
    },
    recover: () => {
      state.recipientReplies.clear()
      state.dataReply = undefined
      state.losesAnswers = false
      state.connections = undefined
      state.mailsPerSession = undefined
      state.capabilities = CAPABILITIES
    },
    clear: () => {
      state.mails.length = 0
    },
    waitFor: (matches, timeout = 20_000) => waitFor(state, matches, timeout),
    stop,
    start,
    [Symbol.asyncDispose]: stop,
  }
}

export interface HeldAnswers {
  /** How many mails are waiting for an answer. */
  count(): number
  /** Answers these and all later ones. */
  answer(): void
}

interface SinkState {
  connections: { readonly most: number; readonly greeting: string | undefined; seen: number } | undefined
  mailsPerSession: { readonly most: number; readonly reply: string } | undefined
  capabilities: readonly string[]
  held: { count: number; readonly opened: Promise<void> } | undefined
  readonly watcher: SinkWatcher
  taken: number
  readonly mails: ReceivedMail[]
  readonly recipientReplies: Map<string, string>
  dataReply: string | undefined
  losesAnswers: boolean
  readonly waiting: Set<(mail: ReceivedMail) => void>
}

async function waitFor(
  state: SinkState,
  matches: (mail: ReceivedMail) => boolean,
  timeout: number,
): Promise<ReceivedMail> {
  const received = state.mails.find(matches)
  if (received) return received
  const { promise, resolve, reject } = Promise.withResolvers<ReceivedMail>()
  const check = (mail: ReceivedMail) => {
    if (matches(mail)) resolve(mail)
  }
  const timer = setTimeout(() => {
    const got = state.mails.map(mail => `${mail.to.join(', ')}: ${mail.parsed.subject ?? ''}`).join('; ')
    reject(new Error(`No such mail within ${timeout} ms; got ${state.mails.length}: ${got}`))
  }, timeout)
  state.waiting.add(check)
  return promise.finally(() => {
    clearTimeout(timer)
    state.waiting.delete(check)
  })
}

/** Refuses a connection that is one too many. */
function refuses({ connections }: SinkState, socket: Socket, open: number): boolean {
  if (!connections) return false
  connections.seen = Math.max(connections.seen, open)
  if (open <= connections.most) return false
  if (connections.greeting === undefined) socket.destroy()
  else socket.end(`${connections.greeting}\r\n`)
  return true
}

/** Holds one SMTP session. */
async function converse(socket: Socket, state: SinkState): Promise<void> {
  const lines = new SmtpLines(socket)
  const say = (reply: string) => socket.write(`${reply}\r\n`)
  let from: Sender | undefined
  let to: string[] = []
  let hello = ''
  let mails = 0
  say('220 sink.example.com ESMTP')
  for await (const line of lines) {
    const command = line.slice(0, 10).toUpperCase()
    if (command.startsWith('EHLO')) {
      hello = line.slice(5).trim()
      say(ehloReply(state.capabilities))
    } else if (command.startsWith('HELO')) say('250 sink.example.com')
    else if (command.startsWith('MAIL FROM:')) {
      const limit = state.mailsPerSession
      if (limit && mails >= limit.most) {
        say(limit.reply)
        if (limit.reply.startsWith('421')) return void socket.end()
        from = undefined
        continue
      }
      mails += 1
      from = senderOf(line)
      to = []
      say('250 2.1.0 Ok')
    } else if (command.startsWith('RCPT TO:')) {
      const address = pathOf(line)
      const reply = state.recipientReplies.get(address) ?? '250 2.1.5 Ok'
      if (reply.startsWith('2')) to.push(address)
      say(reply)
    } else if (command.startsWith('DATA')) {
      if (!from || to.length === 0) {
        say('503 5.5.1 No valid recipients')
        continue
      }
      state.watcher.onData?.(hello)
      say('354 End data with <CR><LF>.<CR><LF>')
      const raw = await lines.data()
      if (!raw) return
      if (state.held) {
        state.held.count += 1
        await state.held.opened
        if (socket.destroyed) return
      }
      const reply = state.dataReply ?? `250 2.0.0 Ok: queued as ${state.taken + 1}`
      const taken = reply.startsWith('2') ? await keep(state, { ...from, to, raw }) : undefined
      if (state.losesAnswers) socket.destroy()
      else say(reply)
      const heard = !socket.destroyed
      if (taken) state.watcher.onTaken?.(taken, { hello, heard })
      if (!heard) return
      from = undefined
      to = []
    } else if (command.startsWith('RSET')) {
      from = undefined
      to = []
      say('250 2.0.0 Ok')
    } else if (command.startsWith('QUIT')) {
      socket.end('221 2.0.0 Bye\r\n')
      return
    } else if (command.startsWith('NOOP')) say('250 2.0.0 Ok')
    else say('502 5.5.2 Command not recognized')
  }
}

const CAPABILITIES = ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES', 'DSN']

const ehloReply = (capabilities: readonly string[]): string =>
  ['sink.example.com', ...capabilities]
    .map((word, index, all) => `250${index === all.length - 1 ? ' ' : '-'}${word}`)
    .join('\r\n')

interface Sender {
  readonly from: string
  readonly parameters: string
}

const senderOf = (line: string): Sender => ({
  from: pathOf(line),
  parameters: line.slice(line.lastIndexOf('>') + 1).trim(),
})

const pathOf = (line: string): string => line.slice(line.indexOf('<') + 1, line.lastIndexOf('>'))

async function keep(state: SinkState, mail: Omit<ReceivedMail, 'parsed'>): Promise<ReceivedMail> {
  const received = { ...mail, parsed: await PostalMime.parse(mail.raw) }
  state.taken += 1
  if (state.watcher.keeps !== false) state.mails.push(received)
  for (const check of state.waiting) check(received)
  return received
}
