import type { Attribute } from '../../ground/amavisd/am-pdp/codec.ts'
import { mailIdOf, newMailId } from '../mail/mail-id.ts'
import { Failure } from './failure.ts'
import type { Quarantine } from './quarantine.ts'
import { parseQuarantined, type ResentMessage } from './resend.ts'

/** Hands a mail to the next MTA and returns the MTA's answer, whether it accepted the mail (`250 2.0.0 Ok`) or not. */
export type Submit = (mail: { sender: string; recipient: string; text: Buffer }) => Promise<string>

/** Answers one AM.PDP request (`release`) with the attributes of the reply, worded as amavisd words them. */
export async function answerRequest(
  attributes: readonly Attribute[],
  quarantine: Quarantine,
  submit: Submit,
): Promise<Attribute[]> {
  // Postfix's policy query, which amavisd answers on the same port.
  if (only(attributes, 'request') === 'smtpd_access_policy') return [['action', 'DUNNO']]
  try {
    const message = authorisedMessage(attributes, quarantine)
    const recipients = recipientsOf(attributes, message)
    if (recipients.length === 0) return [['setreply', '250', '2.5.0', 'No recipients, nothing to do']]
    const replies: Attribute[] = []
    for (const recipient of recipients) replies.push(await resend(message, recipient, attributes, submit))
    return replies
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return [
      ['setreply', '450', '4.5.0', `Failure: ${reason}`],
      ['return_value', 'tempfail'],
      ['exit_code', '75'],
    ]
  }
}

/** The message that the request names, if the secret matches its id. Makes the same checks as amavisd, in its order. */
function authorisedMessage(attributes: readonly Attribute[], quarantine: Quarantine): ResentMessage {
  const request = only(attributes, 'request')
  if (request === undefined) throw new Failure("Missing 'request' field")
  if (request.toLowerCase() !== 'release') throw new Failure(`unknown 'request' value: ${request}`)
  const mailId = only(attributes, 'mail_id')
  if (mailId === undefined) throw new Failure("Missing 'mail_id' field")
  if (!/^[A-Za-z0-9][A-Za-z0-9_+-]*={0,2}$/.test(mailId)) throw new Failure(`Invalid mail_id '${mailId}'`)
  const secretId = only(attributes, 'secret_id') ?? ''
  if (secretId === '') throw new Failure('Secret_id is required, but missing')
  if (mailIdOf(secretId) !== mailId) {
    throw new Failure(`Secret_id ${secretId} does not match mail_id ${mailId}`)
  }
  const text = quarantine.read(mailId, partitionTag(attributes, quarantine, mailId))
  if (!text) throw new Failure("Can't open sql obj for reading: No such file or directory")
  return parseQuarantined(text, mailId)
}

function partitionTag(attributes: readonly Attribute[], quarantine: Quarantine, mailId: string): number {
  const named = only(attributes, 'partition_tag')
  if (named !== undefined) return Number(named) || 0
  const tags = quarantine.partitionTags(mailId)
  if (tags.length > 1) {
    throw new Failure(
      `Multiple (${tags.length}) records with same mail_id exist, specify a partition_tag in the AM.PDP request`,
    )
  }
  return tags[0] ?? 0
}

async function resend(
  message: ResentMessage,
  recipient: string,
  attributes: readonly Attribute[],
  submit: Submit,
): Promise<Attribute> {
  const requestedBy = only(attributes, 'requested_by')
  const resent = {
    requestedBy: requestedBy === undefined ? undefined : withoutBrackets(requestedBy),
    recipient,
    at: Date.now(),
    mailId: newMailId().mailId,
  }
  const answer = await submit({ sender: message.sender, recipient, text: message.text(resent) })
  const [, code = '450', status = '4.5.0', text = `Unexpected: ${answer}`] =
    /^([1-5]\d\d) ([245]\.\d{1,3}\.\d{1,3}) (.*)$/s.exec(answer) ?? []
  return ['setreply', code, status, text]
}

function recipientsOf(attributes: readonly Attribute[], message: ResentMessage): readonly string[] {
  const named = all(attributes, 'recipient').map(withoutBrackets)
  return named.length > 0 ? named : message.blocked
}

const all = (attributes: readonly Attribute[], wanted: string): string[] =>
  attributes.flatMap(([name, ...fields]) => (name === wanted ? [fields.join(' ')] : []))

const only = (attributes: readonly Attribute[], name: string): string | undefined => all(attributes, name)[0]

const withoutBrackets = (address: string): string => address.replace(/^\s*<(.*)>\s*$/s, '$1')
