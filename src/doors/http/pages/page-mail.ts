import type { HeldMail } from '../../../ground/amavis/held-mail.ts'
import { displayAddress } from '../../../ground/display/address.ts'
import { formatSize, formatTime, type Place } from '../../../ground/display/format.ts'
import { formatLanguage } from '../../../ground/display/language.ts'
import { whyHeldWithScore } from '../../../ground/display/reason.ts'
import { displaySender, senderParts } from '../../../ground/display/sender.ts'
import { displayText } from '../../../ground/display/text.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import type { PageContext } from './page-view.ts'

/** One held message as text that is safe to show; templates escape it. */
export interface MailModel {
  readonly sender: string
  /**
   * Shown beside `sender`: the address, or the name if it shows an address that is not the sender's. Undefined when
   * there is no name or no address.
   */
  readonly address: string | undefined
  /** A warning about the sender. */
  readonly caution: string | undefined
  /** The envelope sender, if it differs from the sender. */
  readonly envelope: string | undefined
  /** Explains that an empty envelope sender means a bounce. */
  readonly bounce: string | undefined
  readonly subject: string
  readonly why: string
  readonly received: string
  readonly size: string
  readonly recipient: string
}

/** What is shown of a message, wherever it was read. */
type ShownMail = Pick<
  HeldMail,
  'from' | 'sender' | 'subject' | 'kind' | 'because' | 'score' | 'receivedAt' | 'size' | 'recipient'
>

export function mailModelOf(mail: ShownMail, words: Words, place: Place): MailModel {
  return {
    ...senderOf(mail, words),
    subject: displayText(mail.subject, MAX_SUBJECT) || words.say('display.noSubject'),
    why: whyHeldWithScore(mail, words, place.language),
    received: formatTime(mail.receivedAt, 'moment', place),
    size: formatSize(mail.size, place.language),
    recipient: displayAddress(mail.recipient),
  }
}

/** How numbers and times are formatted: in the page's language, with the conventions of the reader's country. */
export const placeOf = ({ languages, timeZone, now }: PageContext, words: Words): Place => ({
  language: formatLanguage(languages[0] ?? words.language, words.language),
  timeZone,
  now,
})

/** About three lines on a phone. */
const MAX_SUBJECT = 120

function senderOf(mail: ShownMail, words: Words) {
  const sender = displaySender(mail)
  const known = senderParts(sender)
  return {
    sender: known[0] ?? words.say('display.unknownSender'),
    address: known[1],
    caution: sender.nameClaimsAnother ? words.say('display.nameClaimsAnother') : undefined,
    envelope: sender.envelope,
    bounce: sender.isBounce ? words.say('display.bounce') : undefined,
  }
}
