import { answerFromReplies, unreachable } from '../amavisd-replies.ts'
import { gatedRelease } from '../gated-release.ts'
import type { ReleaseAnswer, ReleaseRequest, ReleaseTransport } from '../transport.ts'
import { type Attribute, decodeMessage, encodeMessage } from './codec.ts'
import { type AmPdpAddress, exchange } from './exchange.ts'
import { probeAmPdp } from './probe.ts'

export interface AmPdpOptions {
  readonly via: AmPdpAddress
  /** How long to wait for amavisd's answer, in milliseconds: amavisd itself waits for the next MTA. */
  readonly timeout: number
  /** How many requests may run at once: each occupies one of amavisd's child processes ($max_servers). */
  readonly connections: number
}

/**
 * Asks amavisd through its own protocol, AM.PDP. Each request has its own connection, because an idle one would occupy
 * a child process of amavisd.
 */
export function createAmPdpTransport({ via, timeout, connections }: AmPdpOptions): ReleaseTransport {
  const ask = async (request: ReleaseRequest, signal?: AbortSignal): Promise<ReleaseAnswer> => {
    const result = await exchange(via, encodeMessage(attributesOf(request)), timeout, signal)
    return result.kind === 'answered'
      ? answerFromReplies(setReplies(result.message), request.secretId)
      : unreachable(result.reason, result.asked, request.secretId)
  }
  return {
    release: gatedRelease(connections, ask),
    probe: () => probeAmPdp(via, timeout),
  }
}

/** There is always exactly one `recipient`: without one, the message would go to all its recipients. */
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
