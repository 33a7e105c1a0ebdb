import { access, constants } from 'node:fs/promises'
import { Gate } from '../../concurrency/gate.ts'
import { ALWAYS, answerFromReplies, refused, TOO_LATE, unreachable } from '../amavisd-replies.ts'
import { faultOf } from '../request-faults.ts'
import type { ReleaseAnswer, ReleaseRequest, ReleaseTransport } from '../transport.ts'
import { invocationOf } from './invocation.ts'
import { type Ending, runCommand } from './run-command.ts'

export interface AmavisdReleaseOptions {
  /** Absolute path of `amavisd-release`. */
  readonly command: string
  /** Milliseconds; then the command is killed. */
  readonly timeout: number
  /** How many may run at once: each occupies one of amavisd's child processes ($max_servers). */
  readonly connections: number
}

/**
 * Asks amavisd through its own command, for hosts where only that may reach the socket. Slower than AM.PDP (20 ms a
 * process), and it cannot say who asked: `Resent-From:` is amavisd's own address then.
 */
export function createAmavisdReleaseTransport(options: AmavisdReleaseOptions): ReleaseTransport {
  const gate = new Gate(options.connections)
  const ask = async (request: ReleaseRequest, signal?: AbortSignal): Promise<ReleaseAnswer> => {
    const invocation = invocationOf(request)
    return answerOf(await runCommand(options.command, invocation, options.timeout, signal), request.secretId)
  }
  return {
    release: async (request, signal, turn = ALWAYS) => {
      const fault = faultOf(request)
      if (fault !== undefined) return refused(fault)
      return gate
        .run(async () => ((await turn()) ? ask(request, signal) : unreachable(TOO_LATE, false, '')), signal)
        .catch(() => unreachable('Interrupted', false, request.secretId))
    },
    // Only the command knows where amavisd listens.
    probe: () =>
      access(options.command, constants.X_OK).then(
        () => undefined,
        () => `there is no command ${options.command}`,
      ),
  }
}

/** The exit status says nothing: it is 0 when amavisd refused. What counts is each `setreply` on stderr. */
function answerOf(ending: Ending, secretId: string): ReleaseAnswer {
  if (ending.kind === 'not-started') return unreachable(ending.reason, false, secretId)
  const lines = ending.stderr.split('\n').filter(line => line.trim() !== '')
  const replies = lines.filter(line => SET_REPLY.test(line))
  if (replies.length > 0) return answerFromReplies(replies, secretId)
  const complaint = [...(ending.kind === 'killed' ? [ending.reason] : []), ...lines].join(' ')
  const asked = !NOT_CONNECTED.test(complaint)
  return unreachable(complaint || 'The command ended without an answer', asked, secretId)
}

const SET_REPLY = /^\d{3} \d\.\d{1,3}\.\d{1,3}(?: |$)/

/** What the script dies of before it has written the request. */
const NOT_CONNECTED = /Can't connect to|Can't create UNIX socket|Invalid quarantine ID/
