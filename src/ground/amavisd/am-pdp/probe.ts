import { presentable } from '../amavisd-replies.ts'
import { decodeMessage, encodeMessage } from './codec.ts'
import { type AmPdpAddress, exchange } from './exchange.ts'

/**
 * Asks amavisd a question that changes nothing, and hangs up: an open connection occupies one of its few child
 * processes. An accepted connection alone proves little, because an SMTP port accepts one too.
 *
 * The question is Postfix's policy query, which amavisd answers with `action=DUNNO` on an AM.PDP port (`sub
 * postfix_policy` of amavisd 2.13). A release with a wrong secret would be as harmless, but amavisd logs an error for
 * each.
 *
 * @param timeout milliseconds to wait for the answer
 * @returns undefined when an AM.PDP server answered, otherwise why not
 */
export async function probeAmPdp(address: AmPdpAddress, timeout: number): Promise<string | undefined> {
  const result = await exchange(address, encodeMessage([['request', 'smtpd_access_policy']]), timeout)
  if (result.kind === 'broken') return presentable(result.reason, '')
  return decodeMessage(result.message).some(([name]) => ANSWERS.includes(name)) ? undefined : NO_AM_PDP
}

/** `setreply` comes from a program that knows AM.PDP, but not this query. */
const ANSWERS = ['action', 'setreply']

const NO_AM_PDP = 'The answer is not AM.PDP: see release.via'
