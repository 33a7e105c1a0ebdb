import { access, constants } from 'node:fs/promises'
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
}

/**
 * Asks amavisd through its command `amavisd-release`, for hosts where only that command may reach the socket. It is
 * slower than AM.PDP (20 ms for a process) and cannot say who asked: `Resent-From:` is then amavisd's own address.
 */
export function createAmavisdReleaseTransport(options: AmavisdReleaseOptions): ReleaseTransport {
  const ask = async (request: ReleaseRequest, signal?: AbortSignal): Promise<ReleaseAnswer> => {
    const invocation = invocationOf(request)
    return answerOf(await runCommand(options.command, invocation, options.timeout, signal), request.secretId)
  }
  return {
    release: gatedRelease(options.connections, ask),
    // Only looks for the command, because nothing but the command knows where amavisd listens.
    probe: () =>
      access(options.command, constants.X_OK).then(
        () => undefined,
        () => `there is no command ${options.command}`,
      ),
  }
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
