import { buffer } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import type { Envelope } from './inbox/mailboxes.ts'

/** Called with each mail. The mail counts as accepted when this resolves. */
export type Receive = (envelope: Envelope, raw: Buffer, receivedAt: number) => Promise<void>

/** An SMTP server on a free port of 127.0.0.1 that accepts every mail for anybody and forwards none. */
export async function startSmtpCatcher(receive: Receive): Promise<{ port: number } & AsyncDisposable> {
  const server = new SMTPServer({
    banner: 'amavis-digest demo',
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    hideSMTPUTF8: false,
    hide8BITMIME: false,
    logger: false,
    size: LARGEST_MAIL,
    closeTimeout: GRACE,
    onData(stream, session, done) {
      const { mailFrom, rcptTo } = session.envelope
      const envelope = {
        sender: mailFrom ? mailFrom.address : '',
        recipients: rcptTo.map(recipient => recipient.address),
      }
      buffer(stream)
        .then(raw => receive(envelope, raw, Date.now()))
        .then(() => done(), done)
    },
  })
  const listener = server.listen(0, '127.0.0.1')
  await new Promise<void>((resolve, reject) => listener.once('listening', resolve).once('error', reject))
  // A client that hangs up early must not stop the demo.
  server.on('error', () => {})
  const address = listener.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise(resolve => server.close(() => resolve())),
  }
}

/** Leaves room for the largest sample in base64. */
const LARGEST_MAIL = 64 * 1024 * 1024

/** Milliseconds that a client has to hang up before it is cut off. */
const GRACE = 200
