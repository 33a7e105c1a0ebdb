import { MINUTE, SECOND } from '../durations.ts'
import { asFailure } from './smtp-failure.ts'
import { openSession } from './smtp-session.ts'
import type { Submitted, SubmittedMail } from './submission.ts'

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
      return { outcome: 'taken', reply: await session.send(from, to, message.toString('latin1')) }
    } finally {
      void session.quit()
    }
  } catch (error) {
    const failure = asFailure(error)
    return { outcome: failure.isReply ? 'refused' : 'unreachable', reply: failure.reply }
  }
}
