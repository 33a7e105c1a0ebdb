import { Gate } from '../../concurrency/gate.ts'
import { ALWAYS, answerFromReplies, refused, TOO_LATE, unreachable } from '../amavisd-replies.ts'
import { faultOf } from '../request-faults.ts'
import type { ReleaseAnswer, ReleaseRequest, ReleaseTransport } from '../transport.ts'
import { type Attribute, decodeMessage, encodeMessage } from './codec.ts'
import { type AmPdpAddress, exchange } from './exchange.ts'
import { probeConnection } from './probe-connection.ts'

export interface AmPdpOptions {
  readonly via: AmPdpAddress
  /** Milliseconds for amavisd's answer, which waits for the next MTA's. */
  readonly timeout: number
  /** How many requests may be under way at once: each occupies one of amavisd's child processes ($max_servers). */
  readonly connections: number
}

/** Asks amavisd by its own protocol, AM.PDP, with one connection for each request: an idle one would cost a child. */
export function createAmPdpTransport({ via, timeout, connections }: AmPdpOptions): ReleaseTransport {
  const gate = new Gate(connections)
  const ask = async (request: ReleaseRequest, signal?: AbortSignal): Promise<ReleaseAnswer> => {
    const result = await exchange(via, encodeMessage(attributesOf(request)), timeout, signal)
    return result.kind === 'answered'
      ? answerFromReplies(setReplies(result.message), request.secretId)
      : unreachable(result.reason, result.asked, request.secretId)
  }
  return {
    release: async (request, signal, turn = ALWAYS) => {
      const fault = faultOf(request)
      if (fault !== undefined) return refused(fault)
      return gate
        .run(async () => ((await turn()) ? ask(request, signal) : unreachable(TOO_LATE, false, '')), signal)
        .catch(() => unreachable('Interrupted', false, request.secretId))
    },
    probe: () => probeConnection(via, timeout),
  }
}

/** Without a `recipient` the message would go to all its recipients: there is exactly one, always. */
function attributesOf(request: ReleaseRequest): Attribute[] {
  const attributes: Attribute[] = [
    ['request', 'release'],
    ['mail_id', request.mailId],
    ['secret_id', request.secretId],
    ['quar_type', request.quarantineType],
    ['partition_tag', String(request.partitionTag)],
    ['requested_by', `<${request.requestedBy}>`],
    ['recipient', `<${request.recipient}>`],
  ]
  const inFile = request.quarantineType !== 'Q' && request.quarantineLocation !== null
  return inFile ? [...attributes, ['mail_file', request.quarantineLocation]] : attributes
}

const setReplies = (message: string): string[] =>
  decodeMessage(message).flatMap(([name, ...fields]) => (name === 'setreply' ? [fields.join(' ')] : []))
