import { contentOf } from './content.ts'
import { type Conversation, outOfTurn } from './conversation.ts'
import { ENVELOPE, type EnvelopedMail, envelopeCommands, type Offers, unwritableIn } from './envelope.ts'
import { Refusal } from './refusal.ts'
import type { Reply } from './replies.ts'

/** What became of a mail. */
export type Transaction =
  | { readonly isTaken: true; readonly reply: string }
  | {
      readonly isTaken: false
      /** A `Refusal`, after which the next mail may follow if the conversation has not ended; else why it has ended. */
      readonly fault: unknown
      /** Whether any of the content was written. */
      readonly isHandedOver: boolean
    }

/**
 * Hands one mail to the server. The envelope travels in one write if the server offers PIPELINING (RFC 2920), and the
 * content in another once the server has asked for it.
 */
export async function transact(
  conversation: Conversation,
  mail: EnvelopedMail,
  offers: Offers,
): Promise<Transaction> {
  const unwritable = unwritableIn(mail)
  if (unwritable) return { isTaken: false, fault: unwritable, isHandedOver: false }
  const replies = await sendEnvelope(conversation, envelopeCommands(mail, offers), offers.pipelining)
  const obstacle = obstacleIn(replies, conversation)
  if (obstacle !== undefined) {
    if (obstacle instanceof Refusal) await withdraw(conversation, replies)
    return { isTaken: false, fault: obstacle, isHandedOver: false }
  }
  const [answer] = await conversation.ask(contentOf(mail.message), 1, 'latin1')
  if (answer && isSuccess(answer)) return { isTaken: true, reply: answer.text }
  const fault = faultOf(answer, conversation)
  if (fault instanceof Refusal) await reset(conversation)
  return { isTaken: false, fault, isHandedOver: true }
}

/** @returns a reply to each of `ENVELOPE`; fewer when a refusal came first, or the conversation has ended */
async function sendEnvelope(
  conversation: Conversation,
  commands: readonly string[],
  pipelining: boolean,
): Promise<readonly Reply[]> {
  if (pipelining) return conversation.ask(commands.join(''), commands.length)
  const replies: Reply[] = []
  for (const command of commands) {
    const [reply] = await conversation.ask(command, 1)
    if (!reply) break
    replies.push(reply)
    if (!isSuccess(reply)) break
  }
  return replies
}

/** What speaks against writing the content; undefined when the server waits for it. */
function obstacleIn(replies: readonly Reply[], conversation: Conversation): unknown {
  // One reply too many, earlier, has shifted the others: then DATA is answered as RCPT TO should be.
  const stray = replies.find(
    (reply, at) => !isRefusal(reply) && isConsent(reply) !== (ENVELOPE[at] === 'DATA'),
  )
  if (stray) conversation.end(outOfTurn(stray))
  if (stray) return conversation.fault()
  for (const [at, command] of ENVELOPE.entries()) {
    const reply = replies[at]
    if (!reply) return conversation.fault()
    if (isRefusal(reply)) return new Refusal('EENVELOPE', command, reply.text, reply.code)
  }
  return undefined
}

/** Ends the transaction of a refused envelope. */
async function withdraw(conversation: Conversation, [sender, , data]: readonly Reply[]): Promise<void> {
  if (!data || !isConsent(data)) return reset(conversation)
  // The server now waits for content. Without a sender it has no transaction: an empty mail might go anywhere.
  if (!sender || isRefusal(sender)) return conversation.end(outOfTurn(data))
  // Without a recipient, a lone dot ends an empty mail to nobody (RFC 2920, section 3.1).
  await conversation.ask('.\r\n', 1)
  await reset(conversation)
}

/** Makes the server ready for the next mail. */
async function reset(conversation: Conversation): Promise<void> {
  const [reply] = await conversation.ask('RSET\r\n', 1)
  if (reply && !isSuccess(reply)) conversation.end(outOfTurn(reply))
}

/** Why a server did not take the content. */
function faultOf(answer: Reply | undefined, conversation: Conversation): unknown {
  if (answer && isRefusal(answer)) return new Refusal('EMESSAGE', 'DATA', answer.text, answer.code)
  if (answer) conversation.end(outOfTurn(answer))
  return conversation.fault()
}

const isSuccess = ({ code }: Reply): boolean => code < 300
/** The server asks for the content. */
const isConsent = ({ code }: Reply): boolean => code >= 300 && code < 400
const isRefusal = ({ code }: Reply): boolean => code >= 400
