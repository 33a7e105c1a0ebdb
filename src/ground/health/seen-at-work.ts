import type { ReleaseTransport } from '../amavisd/transport.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { Watched } from './watched.ts'

/** The same mailer; what the SMTP server answers shows that it is there. */
export function smtpSeenAtWork(mailer: Mailer, smtp: Watched): Mailer {
  return {
    async send(mail) {
      const answer = await mailer.send(mail)
      if (answer.outcome === 'unreachable') smtp.missed(answer.reply)
      else smtp.seen()
      return answer
    },
    async probe() {
      const fault = await mailer.probe()
      if (fault === undefined) smtp.seen()
      else smtp.missed(fault)
      return fault
    },
    [Symbol.asyncDispose]: () => mailer[Symbol.asyncDispose](),
  }
}

/** The same transport; what amavisd answers shows that it is there. No answer may have other reasons. */
export function amavisdSeenAtWork(transport: ReleaseTransport, amavisd: Watched): ReleaseTransport {
  return {
    async release(request, signal, turn = async () => true) {
      let isAsked = false
      const myTurn = async () => {
        isAsked = await turn()
        return isAsked
      }
      const answer = await transport.release(request, signal, myTurn)
      if (!isAsked) return answer
      if (answer.outcome === 'unreachable') amavisd.doubted()
      else amavisd.seen()
      return answer
    },
    probe: () => transport.probe(),
  }
}
