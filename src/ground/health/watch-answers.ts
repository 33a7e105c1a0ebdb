import type { ReleaseTransport } from '../amavisd/transport.ts'
import type { Directory } from '../directory/directory.ts'
import { answersFor } from '../directory/readers-of.ts'
import { CodedError } from '../errors.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { PartFault, WatchedPart } from './watched-part.ts'

/** Wraps a mailer so that the SMTP server's answers, or their absence, update the state of the part. */
export function watchMailer(mailer: Mailer, smtp: WatchedPart): Mailer {
  return {
    async send(mail, mayGo) {
      const answer = await mailer.send(mail, mayGo)
      if (answer.outcome === 'unreachable') smtp.notReached(answer.reply, answer.code)
      else if (answer.outcome !== 'withdrawn') smtp.answered()
      return answer
    },
    async probe() {
      const fault = await mailer.probe()
      if (fault === undefined) smtp.answered()
      else smtp.notReached(fault.reply, fault.code)
      return fault
    },
    [Symbol.asyncDispose]: () => mailer[Symbol.asyncDispose](),
  }
}

/**
 * Wraps a transport so that amavisd's answers update the state of the part. A missing answer may have other causes, so
 * it only makes the part suspected.
 */
export function watchReleaseTransport(transport: ReleaseTransport, amavisd: WatchedPart): ReleaseTransport {
  return {
    async release(request, signal, mayAsk = async () => true) {
      let isAsked = false
      const observedMayAsk = async () => {
        isAsked = await mayAsk()
        return isAsked
      }
      const answer = await transport.release(request, signal, observedMayAsk)
      if (!isAsked) return answer
      if (answer.outcome === 'unreachable') amavisd.suspected()
      else amavisd.answered()
      return answer
    },
    probe: () => transport.probe(),
  }
}

/** Wraps a directory so that its answers, or their absence, update the state of the part. */
export function watchDirectory(directory: Directory, part: WatchedPart): Directory {
  return {
    async find(addresses) {
      try {
        const answers = await directory.find(addresses)
        part.answered()
        return answers
      } catch (error) {
        const { reply, code } = faultOf(error)
        part.notReached(reply, code)
        throw error
      }
    },
  }
}

/** Why a directory does not answer; undefined when it does. @param address any address may be asked about */
export async function directoryFault(directory: Directory, address: string): Promise<PartFault | undefined> {
  try {
    await answersFor(directory, [address])
    return undefined
  } catch (error) {
    return faultOf(error)
  }
}

const faultOf = (error: unknown): PartFault => ({
  reply: error instanceof Error ? error.message : String(error),
  code: error instanceof CodedError ? error.code : 'INTERNAL',
})
