import { Readable } from 'node:stream'
import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { SMTPConnectionAuth, SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection'
import { SECOND } from '../durations.ts'
import { onFirstUse } from '../on-first-use.ts'
import { SmtpFailure } from './smtp-failure.ts'

const smtpConnection = onFirstUse<typeof SMTPConnection>('nodemailer/lib/smtp-connection')

/** One connection to the SMTP server, signed in and ready for mails. */
export interface SmtpSession {
  /** Whether it can carry another mail. */
  isOpen(): boolean
  /** How many mails it has been given. */
  mails(): number
  /** What the server says that it can do. */
  readonly server: SmtpServer
  /** @returns the server's reply when it has accepted the mail. @throws SmtpFailure */
  send(from: string, to: string, message: Buffer): Promise<string>
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
export async function openSession({ auth, ...options }: SmtpOptions): Promise<SmtpSession> {
  let server: SmtpServer = { takesUtf8: false, mostOctets: undefined }
  const readExtensions: AuthHandler = async ({ extensions, maxAllowedSize }) => {
    server = { takesUtf8: extensions.includes('SMTPUTF8'), mostOctets: maxAllowedSize || undefined }
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
  let mails = 0
  let hasQuit = false
  return {
    isOpen: () => !hasQuit && !connection.destroyed,
    mails: () => mails,
    server,
    async send(from, to, message) {
      mails += 1
      const content = Readable.from(message, { objectMode: false })
      const envelope = { from, to: [to], size: message.length }
      try {
        const { response } = await answered<{ response: string }>(done =>
          connection.send(envelope, content, done),
        )
        return response
      } catch (error) {
        const failure = new SmtpFailure('sending', error, content.readableDidRead)
        await resume(connection, answered, failure)
        throw failure
      }
    },
    async quit() {
      if (hasQuit || connection.destroyed) return
      hasQuit = true
      const ended = new Promise<void>(resolve => connection.once('end', () => resolve()))
      const timer = setTimeout(() => connection.close(), QUIT_TIMEOUT)
      connection.quit()
      await ended
      clearTimeout(timer)
    },
  }
}

/** How long to wait for the answer to QUIT, in milliseconds. */
const QUIT_TIMEOUT = 5 * SECOND

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

/** Makes the connection ready for the next mail if the server has refused this one only; else closes it. */
async function resume(connection: SMTPConnection, answered: Answered, failure: SmtpFailure): Promise<void> {
  const goesOn = failure.isReply && failure.replyCode !== 421 && !connection.destroyed
  if (!goesOn) return connection.close()
  await answered(done => connection.reset(done as Done<boolean | undefined>)).catch(() => connection.close())
}
