import { domainToASCII } from 'node:url'
import type { Config } from '../config/schema.ts'
import { canGetMail } from '../directory/can-get-mail.ts'
import { type Mailbox, parseMailbox } from '../directory/mailbox.ts'
import { composer } from './compose.ts'
import type { Mailer, MailerFault, SendAnswer } from './mailer.ts'
import { asFailure, type SmtpFailure } from './smtp-failure.ts'
import { isAboutSignIn, smtpFaultOf } from './smtp-fault.ts'
import { signerOf, smtpOptions } from './smtp-options.ts'
import { createSmtpPool, type PoolFigures } from './smtp-pool.ts'
import { openSession, type SmtpServer, type SmtpSession } from './smtp-session.ts'
import type { Octets } from './wire/octets.ts'

export interface SmtpMailer extends Mailer {
  /** How many connections are open, and how many may be. */
  connections(): PoolFigures
}

/**
 * Sends mails through a pool of connections.
 *
 * @param smtp with the name for a From that has none of its own
 * @param connections how many may be open at once
 * @param onFewer called when the server allows fewer of them
 * @throws CodedError CONFIG_INVALID when a key or certificate file cannot be read
 */
export function createSmtpMailer(
  smtp: Config['smtp'] & { readonly brandName?: string },
  connections: number,
  onFewer: (allowed: number, reply: string) => void = () => {},
): SmtpMailer {
  const options = smtpOptions(smtp)
  const sign = signerOf(smtp)
  const own = senderOf(smtp)
  const from = { ...own, name: own.name || (smtp.brandName ?? '') }
  const compose = composer(from, `quarantine-digest.${mailDomain(smtp)}`)
  const open = () => openSession(options)
  const clock = () => performance.now()
  const pool = createSmtpPool({ open, most: connections, rate: smtp.rate, onFewer, clock })
  const faultOf = (failure: SmtpFailure): MailerFault => {
    const { code, sentence } = smtpFaultOf(failure, smtp)
    return { code, reply: `${sentence} ${failure.reply}` }
  }
  const probe = async () => {
    const failure = await pool.probe()
    return failure && faultOf(failure)
  }
  return {
    async send(mail, mayGo = () => true) {
      if (!canGetMail(mail.to)) return { outcome: 'refused', reply: UNSENDABLE }
      const to = asciiDomain(mail.to)
      const message = sign(compose(mail))
      const carry = async (session: SmtpSession): Promise<SendAnswer> => {
        if (!mayGo()) return { outcome: 'withdrawn', reply: '' }
        const obstacle = obstacleFor(session.server, to, message)
        if (obstacle) return obstacle
        return { outcome: 'accepted', reply: await session.send(smtp.envelopeFrom, to, message) }
      }
      try {
        return await pool.use(carry)
      } catch (error) {
        const failure = asFailure(error)
        const answer = answerAboutMail(failure)
        if (answer) return answer
        const mayHaveArrived = failure.isHandedOver && !failure.isReply
        const away = { outcome: 'unreachable', ...faultOf(failure), mayHaveArrived } as const
        if (failure.stage === 'opening' || isAboutSignIn(failure)) return away
        // A server that still lets us in is up: perhaps this very mail breaks the connection.
        if ((await probe()) !== undefined) return away
        return { outcome: 'deferred', reply: failure.reply, mayHaveArrived }
      }
    },
    probe,
    connections: pool.figures,
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  }
}

/** The name and address of `smtp.from`. */
export const senderOf = ({ from }: Config['smtp']): Mailbox =>
  parseMailbox(from) ?? { name: '', address: from }

/** The domain of `smtp.from`, which our Message-IDs and the List-Id use too. */
export const mailDomain = (smtp: Config['smtp']): string =>
  senderOf(smtp).address.split('@').at(-1) ?? 'localhost'

/** The address of `smtp.from`, without the name. */
export const senderAddress = (smtp: Config['smtp']): string => senderOf(smtp).address

const UNSENDABLE = 'not an address that SMTP can carry'

/** The local part keeps its spelling; a domain is written as A-labels, which every server understands. */
function asciiDomain(address: string): string {
  const at = address.lastIndexOf('@') + 1
  const domain = address.slice(at)
  return address.slice(0, at) + (domain.startsWith('[') ? domain : domainToASCII(domain) || domain)
}

/** What this server cannot take, by its own word. */
function obstacleFor(server: SmtpServer, to: string, message: Octets): SendAnswer | undefined {
  if (!server.takesUtf8 && BEYOND_ASCII.test(to)) return { outcome: 'refused', reply: NO_SMTPUTF8 }
  const { mostOctets } = server
  if (mostOctets === undefined || message.length <= mostOctets) return undefined
  const reply = `the mail has ${message.length} octets; the mail server takes ${mostOctets} (SIZE)`
  return { outcome: 'too-large', reply }
}

const BEYOND_ASCII = /[\u0080-\u{10ffff}]/u
const NO_SMTPUTF8 =
  'the mail server does not offer SMTPUTF8 (RFC 6531), so no mail can be sent to an address with letters beyond ASCII'

/** What a reply to this mail means; undefined when the failure is not about this mail. */
function answerAboutMail(failure: SmtpFailure): SendAnswer | undefined {
  const { stage, codes, replyCode, reply } = failure
  if (stage === 'opening' || isAboutSignIn(failure)) return undefined
  if (!codes.includes('EENVELOPE') && !codes.includes('EMESSAGE')) return undefined
  // Without a reply of the server, nodemailer itself has refused the address.
  if (replyCode === undefined) return { outcome: 'refused', reply }
  if (replyCode < 500) return { outcome: 'deferred', reply }
  return { outcome: isTooLarge(reply) ? 'too-large' : 'refused', reply }
}

/** RFC 1870 and RFC 3463: 5.3.4 and 5.2.3 are about the size of the mail, 552 5.2.2 is about a full mailbox. */
const isTooLarge = (reply: string): boolean =>
  /^5\d\d[ -]5\.(?:3\.4|2\.3)\b/.test(reply) || /^552(?![ -]5\.\d+\.\d+)/.test(reply)
