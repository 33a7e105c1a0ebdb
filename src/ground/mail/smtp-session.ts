import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { SMTPConnectionAuth, SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection'
import { SECOND } from '../durations.ts'
import { onFirstUse } from '../on-first-use.ts'
import { SmtpFailure } from './smtp-failure.ts'
import { type Conversation, createConversation } from './wire/conversation.ts'
import type { Offers } from './wire/envelope.ts'
import type { Octets } from './wire/octets.ts'
import { transact } from './wire/transaction.ts'

const smtpConnection = onFirstUse<typeof SMTPConnection>('nodemailer/lib/smtp-connection')

/** One connection to the SMTP server, signed in and ready for mails. */
export interface SmtpSession {
  /** Whether it can carry another mail. */
  isOpen(): boolean
  /** How many mails it has been given. */
  mails(): number
  /** What the server says that it can do. */
  readonly server: SmtpServer
  /**
   * Carries one mail at a time.
   * @returns the server's reply when it has accepted the mail. @throws SmtpFailure
   */
  send(from: string, to: string, message: Octets): Promise<string>
  /** Says goodbye. @returns once the connection has ended; it carries no more mails from now on */
  quit(): Promise<void>
}

export interface SmtpServer {
  /** Whether it takes addresses beyond ASCII (RFC 6531). */
  readonly takesUtf8: boolean
  /** The size of the largest mail that it takes (RFC 1870), in octets; undefined when it does not say. */
  readonly mostOctets: number | undefined
}

export interface SmtpOptions extends SMTPConnectionOptions {
  readonly auth?: SMTPConnectionAuth
}

/** Connects, starts TLS where the server offers it, and signs in if there is a user. @throws SmtpFailure */
export async function openSession(options: SmtpOptions): Promise<SmtpSession> {
  const { connection, offers, mostOctets } = await connect(options)
  const conversation = takeOver(connection)
  let mails = 0
  let hasQuit = false
  return {
    isOpen: () => !hasQuit && !connection.destroyed,
    mails: () => mails,
    server: { takesUtf8: offers.utf8, mostOctets },
    async send(from, to, message) {
      mails += 1
      const transaction = await transact(conversation, { from, to, message }, offers)
      if (transaction.isTaken) return transaction.reply
      throw new SmtpFailure('sending', transaction.fault, transaction.isHandedOver)
    },
    async quit() {
      if (hasQuit || connection.destroyed) return
      hasQuit = true
      const timer = setTimeout(() => connection.close(), QUIT_TIMEOUT)
      await conversation.ask('QUIT\r\n', 1)
      clearTimeout(timer)
      connection.close()
    },
  }
}

/** How long to wait for the answer to QUIT, in milliseconds. */
const QUIT_TIMEOUT = 5 * SECOND

interface Connected {
  readonly connection: SMTPConnection
  readonly offers: Offers
  readonly mostOctets: number | undefined
}

/** nodemailer opens the session: it knows greetings, TLS and the ways of signing in. */
async function connect({ auth, ...options }: SmtpOptions): Promise<Connected> {
  let extensions: readonly string[] = []
  let mostOctets: number | undefined
  const readExtensions: AuthHandler = async context => {
    extensions = context.extensions
    mostOctets = context.maxAllowedSize || undefined
  }
  const connection = new (smtpConnection())({ ...options, customAuth: { [READ_EXTENSIONS]: readExtensions } })
  const answered = answersOf(connection)
  try {
    await answered(done => connection.connect(error => done(error ?? null, undefined)))
    if (auth && connection.allowsAuth) await answered(done => connection.login(auth, done))
    await answered(done => connection.login({ method: READ_EXTENSIONS }, done))
  } catch (error) {
    connection.close()
    throw new SmtpFailure('opening', error, false)
  }
  const offers = {
    pipelining: extensions.includes('PIPELINING'),
    size: extensions.includes('SIZE'),
    utf8: extensions.includes('SMTPUTF8'),
  }
  return { connection, offers, mostOctets }
}

type AuthHandler = NonNullable<SMTPConnectionOptions['customAuth']>[string]

/**
 * nodemailer tells the server's extensions to a sign-in method of one's own, and otherwise only once a mail was
 * accepted. This method sends nothing.
 */
const READ_EXTENSIONS = 'X-READ-EXTENSIONS'

type Done<T> = (error: Error | null, result: T) => void
type Answered = <T = unknown>(ask: (done: Done<T>) => void) => Promise<T>

/** Waits for an answer of the connection or for its end: at some ends, nodemailer does not call back. */
function answersOf(connection: SMTPConnection): Answered {
  let fault: Error | undefined
  const { promise: end, reject } = Promise.withResolvers<never>()
  end.catch(() => undefined)
  connection.on('error', error => {
    fault ??= error
  })
  // Later than an answer that nodemailer gives at the end, because that says more.
  connection.once('end', () => setImmediate(() => reject(fault ?? new Error('the connection was closed'))))
  return ask => {
    const answer = new Promise<never>((resolve, refuse) =>
      ask((error, result) => (error ? refuse(error) : resolve(result as never))),
    )
    return Promise.race([answer, end])
  }
}

/**
 * From now on we write and read, because nodemailer does that in many small pieces. It goes on watching the socket: its
 * timeouts, its faults and its end.
 */
function takeOver(connection: SMTPConnection): Conversation {
  const socket = connection._socket
  if (!socket) throw new SmtpFailure('opening', new Error('nodemailer does not tell its socket'), false)
  const conversation = createConversation({
    write: (text, encoding) => socket.write(text, encoding),
    close: () => connection.close(),
    clock: () => performance.now(),
  })
  connection.on('error', conversation.end)
  connection.once('end', () => conversation.end())
  socket.removeAllListeners('data')
  socket.on('data', conversation.hear)
  if (connection.destroyed) conversation.end()
  return conversation
}
