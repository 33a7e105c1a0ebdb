import type { HeldMail } from '../amavis/held-mail.ts'
import { displayAddress } from '../display/address.ts'
import { formatScore, formatSize, formatTime, type TimeStyle } from '../display/format.ts'
import { displaySender } from '../display/sender.ts'
import { displayText } from '../display/text.ts'
import type { Words } from '../i18n/locales.ts'
import type { PageContext } from './page-view.ts'

/** One held message in words that are safe to show as text; templates escape them. */
export interface MailModel {
  readonly sender: string
  /** Beside the name in `sender`; undefined where there is no name, or no address. */
  readonly address: string | undefined
  /** What the sender's name or the envelope tells besides, each a sentence. */
  readonly remarks: readonly string[]
  readonly subject: string
  readonly why: string
  readonly received: string
  readonly size: string
  readonly recipient: string
}

export function mailModelOf(mail: HeldMail, words: Words, context: PageContext): MailModel {
  const subject = displayText(mail.subject, MAX_SUBJECT)
  return {
    ...senderOf(mail, words),
    subject: subject === '' ? words.say('page.mail.noSubject') : subject,
    why: whyOf(mail, words),
    received: timeText(mail.receivedAt, 'moment', words, context),
    size: formatSize(mail.size, words.language),
    recipient: displayAddress(mail.recipient),
  }
}

/** A time in the language of the page and in the reader's time zone. */
export const timeText = (time: number, style: TimeStyle, words: Words, { timeZone }: PageContext): string =>
  formatTime(time, style, { language: words.language, timeZone })

/** About three lines on a phone. */
const MAX_SUBJECT = 120

function senderOf(mail: HeldMail, words: Words): Pick<MailModel, 'sender' | 'address' | 'remarks'> {
  const { name, address, envelope, isBounce, nameClaimsAnother } = displaySender(mail)
  const known = [name, address].filter(part => part !== '')
  return {
    sender: known[0] ?? words.say('page.mail.noSender'),
    address: known[1],
    remarks: [
      ...(nameClaimsAnother ? [words.say('page.mail.nameClaimsAnother')] : []),
      ...(envelope ? [words.say('page.mail.envelope', { address: envelope })] : []),
      ...(isBounce ? [words.say('page.mail.bounce')] : []),
    ],
  }
}

function whyOf(mail: HeldMail, words: Words): string {
  const score = formatScore(mail.score, words.language)
  const reason = words.say(`page.why.${mail.kind}`)
  return score === undefined ? reason : words.say('page.why.scored', { reason, score })
}
