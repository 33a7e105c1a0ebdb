import { MINUTE, SECOND } from '../durations.ts'
import { asFailure } from './smtp-failure.ts'
import { openSession } from './smtp-session.ts'

/** A mail that is handed to a server as anybody might: without signing in, and without TLS. */
export interface SubmittedMail {
  /** The envelope sender; empty: the null sender. */
  readonly from: string
  readonly to: string
  readonly message: Buffer
}

export type Submitted =
  | { readonly outcome: 'taken'; readonly reply: string }
  /** The server's reply, 4xx or 5xx. */
  | { readonly outcome: 'refused'; readonly reply: string }
  | { readonly outcome: 'unreachable'; readonly reply: string }

/** Hands a mail to an SMTP server. Never rejects. @param url `smtp://host:port` */
export async function submit(url: string, { from, to, message }: SubmittedMail): Promise<Submitted> {
  const { hostname, port } = new URL(url)
  try {
    const session = await openSession({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 25),
      secure: false,
      ignoreTLS: true,
      connectionTimeout: 10 * SECOND,
      greetingTimeout: 10 * SECOND,
      socketTimeout: 2 * MINUTE,
    })
    try {
      return { outcome: 'taken', reply: await session.send(from, to, message) }
    } finally {
      void session.quit()
    }
  } catch (error) {
    const failure = asFailure(error)
    return { outcome: failure.isReply ? 'refused' : 'unreachable', reply: failure.reply }
  }
}
