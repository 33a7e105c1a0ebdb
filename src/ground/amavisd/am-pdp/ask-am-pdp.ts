import { answerFromReplies, unreachable } from '../amavisd-replies.ts'
import type { ReleaseAnswer, ReleaseRequest } from '../transport.ts'
import { type Attribute, decodeMessage, encodeMessage } from './codec.ts'
import { type AmPdpAddress, exchange } from './exchange.ts'

/**
 * Asks amavisd to deliver a held message: `release` as it is, `report` as the attachment of a report. Never rejects.
 *
 * @param timeout milliseconds to wait for the answer
 */
export async function askAmPdp(
  via: AmPdpAddress,
  act: 'release' | 'report',
  request: ReleaseRequest,
  { timeout, signal }: { readonly timeout: number; readonly signal?: AbortSignal | undefined },
): Promise<ReleaseAnswer> {
  const result = await exchange(via, encodeMessage(attributesOf(act, request)), timeout, signal)
  return result.kind === 'answered'
    ? answerFromReplies(setReplies(result.message), request.secretId)
    : unreachable(result.reason, result.asked, request.secretId)
}

/** There is always exactly one `recipient`: without one, the message would go to all its recipients. */
function attributesOf(act: 'release' | 'report', request: ReleaseRequest): Attribute[] {
  const attributes: Attribute[] = [
    ['request', act],
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
