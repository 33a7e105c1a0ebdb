import { randomBytes } from 'node:crypto'
import { decodeMessage, encodeMessage } from './codec.ts'
import { type AmPdpAddress, exchange } from './exchange.ts'

/**
 * Whether amavisd wants the secret of a message before it releases it (`$auth_required_release`).
 *
 * It is asked to release a message that does not exist, without a secret. A wrong secret would not tell: amavisd refuses
 * one even where none is required. The id is 72 random bits, which no message of a quarantine has (amavisd 2.13, `sub
 * preprocess_policy_query`).
 *
 * @param timeout milliseconds to wait for the answer
 * @returns undefined when the answer does not tell
 */
export async function isSecretRequired(
  address: AmPdpAddress,
  timeout: number,
  signal?: AbortSignal,
): Promise<boolean | undefined> {
  const result = await exchange(address, encodeMessage(releaseOfNothing()), timeout, signal)
  if (result.kind === 'broken') return undefined
  const replies = decodeMessage(result.message).flatMap(([name, ...fields]) =>
    name === 'setreply' ? [fields.join(' ')] : [],
  )
  if (replies.some(reply => REQUIRED.test(reply))) return true
  return replies.some(reply => LOOKED_FOR.test(reply)) ? false : undefined
}

const releaseOfNothing = () =>
  [
    ['request', 'release'],
    // A first "-" would be refused for its form.
    ['mail_id', `A${randomBytes(9).toString('base64url').slice(1)}`],
    ['quar_type', 'Q'],
    ['partition_tag', '0'],
    ['requested_by', '<>'],
    ['recipient', '<postmaster@localhost>'],
  ] as const

const REQUIRED = /Failure: Secret_id is required/

/** It went on to look for the message. */
const LOOKED_FOR = /Failure: (?:Can't open sql obj|SQL quarantine code not enabled)/
