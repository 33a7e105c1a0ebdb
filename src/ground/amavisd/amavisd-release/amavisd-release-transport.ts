import { access, constants } from 'node:fs/promises'
import { MINUTE } from '../../durations.ts'
import { answerFromReplies, unreachable } from '../amavisd-replies.ts'
import { gatedRelease } from '../gated-release.ts'
import type { ReleaseAnswer, ReleaseRequest, ReleaseTransport } from '../transport.ts'
import { invocationOf } from './invocation.ts'
import { type Ending, runCommand } from './run-command.ts'

export interface AmavisdReleaseOptions {
  /** Absolute path of `amavisd-release`. */
  readonly command: string
  /** Milliseconds after which the command is killed. */
  readonly timeout: number
  /** How many may run at once: each occupies one of amavisd's child processes ($max_servers). */
  readonly connections: number
  /** A monotonic clock, in milliseconds. */
  readonly clock: () => number
}

/**
 * Asks amavisd through its command `amavisd-release`, for hosts where only that command may reach the socket. It is
 * slower than AM.PDP (20 ms for a process) and cannot say who asked: `Resent-From:` is then amavisd's own address.
 */
export function createAmavisdReleaseTransport(options: AmavisdReleaseOptions): ReleaseTransport {
  let answeredAt = Number.NEGATIVE_INFINITY
  const ask = async (request: ReleaseRequest, signal?: AbortSignal): Promise<ReleaseAnswer> => {
    const invocation = invocationOf(request)
    const ending = await runCommand(options.command, invocation, options.timeout, signal)
    const answer = answerOf(ending, request.secretId)
    answeredAt = answer.outcome === 'unreachable' ? Number.NEGATIVE_INFINITY : options.clock()
    return answer
  }
  return {
    release: gatedRelease(options.connections, ask),
    async probe() {
      try {
        await access(options.command, constants.X_OK)
      } catch {
        return `there is no command ${options.command}`
      }
      if (options.clock() - answeredAt < ASK_EVERY) return undefined
      const answer = await ask(NO_MESSAGE)
      return answer.outcome === 'unreachable' ? answer.reply : undefined
    },
  }
}

/** Milliseconds. The command knows no question but a release, and amavisd logs an error for each wrong secret. */
const ASK_EVERY = 10 * MINUTE

/** amavisd refuses it: the id of a message is made of its secret by MD5, and this one is not. */
const NO_MESSAGE: ReleaseRequest = {
  mailId: 'amavis-probe',
  secretId: 'no-message-has-this-secret',
  partitionTag: 0,
  host: '',
  quarantineType: 'Q',
  quarantineLocation: null,
  recipient: 'postmaster@localhost',
  requestedBy: 'postmaster@localhost',
}

/** Goes by the `setreply` lines on stderr: the exit status is 0 even when amavisd refused. */
function answerOf(ending: Ending, secretId: string): ReleaseAnswer {
  if (ending.kind === 'not-started') return unreachable(ending.reason, false, secretId)
  const lines = ending.stderr.split('\n').filter(line => line.trim() !== '')
  const replies = lines.filter(line => SET_REPLY.test(line))
  if (replies.length > 0) return answerFromReplies(replies, secretId)
  const reason = [...(ending.kind === 'killed' ? [ending.reason] : []), ...lines].join(' ')
  const asked = !NOT_CONNECTED.test(reason)
  return unreachable(reason || 'The command ended without an answer', asked, secretId)
}

const SET_REPLY = /^\d{3} \d\.\d{1,3}\.\d{1,3}(?: |$)/

/** Errors that end the script before it has written the request. */
const NOT_CONNECTED = /Can't connect to|Can't create UNIX socket|Invalid quarantine ID/
