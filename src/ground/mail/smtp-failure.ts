/** Why the SMTP server could not be used, or did not take a mail. */
export class SmtpFailure extends Error {
  /** `opening`: until we were connected and signed in. `sending`: from MAIL FROM on. */
  readonly stage: 'opening' | 'sending'
  /** Whether any of the mail's content may have reached the server. */
  readonly isHandedOver: boolean
  /** The server's reply, or what happened instead. Never contains a password. */
  readonly reply: string
  /** The three digits of the server's reply; undefined when it did not reply. */
  readonly replyCode: number | undefined
  /** The command that was replied to, and nodemailer's and Node's names for what happened. */
  readonly command: string | undefined
  readonly codes: readonly string[]

  constructor(stage: 'opening' | 'sending', error: unknown, isHandedOver: boolean) {
    const facts = (error instanceof Error ? error : {}) as Facts
    const reply = replyOf(error, facts)
    super(reply, { cause: error })
    this.name = 'SmtpFailure'
    this.stage = stage
    this.isHandedOver = isHandedOver
    this.reply = reply
    this.replyCode = facts.responseCode
    this.command = facts.command
    const { code, originalCode, timeoutType } = facts
    this.codes = [code, originalCode, timeoutType].filter(name => name !== undefined)
  }

  /** Whether the server has answered: then it has not accepted the mail. */
  get isReply(): boolean {
    return this.replyCode !== undefined
  }

  /** Servers have several words for it: "450 4.7.1 too many connections", "451 concurrency limit exceeded". */
  get isCrowded(): boolean {
    const { replyCode = 0, reply } = this
    return (
      replyCode >= 400 &&
      replyCode < 500 &&
      /\b(?:connections?|sessions?|concurren)/i.test(reply) &&
      TOO_MANY.test(reply)
    )
  }
}

const TOO_MANY = /too many|limit|exceed|max/i

/** Whatever goes wrong before a mail is sent. */
export const asFailure = (error: unknown): SmtpFailure =>
  error instanceof SmtpFailure ? error : new SmtpFailure('opening', error, false)

/** What nodemailer adds to an error. */
interface Facts {
  readonly code?: string
  readonly originalCode?: string
  readonly timeoutType?: string
  readonly command?: string
  readonly response?: string
  readonly responseCode?: number
}

const LONGEST_REPLY = 1000

const replyOf = (error: unknown, { response }: Facts): string =>
  (response ?? opensslReason(error instanceof Error ? error.message : String(error))).slice(0, LONGEST_REPLY)

/** OpenSSL puts its reason between numbers and places of its source: `…:SSL routines:tls_x:wrong version number:../y.c:9:` */
const opensslReason = (message: string): string =>
  /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(message)?.[1] ?? message
