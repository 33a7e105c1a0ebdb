import type { HeldMail } from '../../ground/amavis/held-mail.ts'
import { displayAddress } from '../../ground/display/address.ts'
import { withoutTestStrings } from '../../ground/display/disguise.ts'
import { inertForText } from '../../ground/display/inert.ts'
import { displaySender, senderParts } from '../../ground/display/sender.ts'
import { displayText } from '../../ground/display/text.ts'
import type { Words } from '../../ground/i18n/locales.ts'
import type { Letter } from '../../ground/mail/plain-mail.ts'
import type { RequestRow } from './request-rows.ts'
import type { Tidings } from './tidings.ts'

/** Tells one of the readers who have asked what has become of the message. */
export function readerLetter(
  words: Words,
  reader: string,
  { request, mail, tidings, contact }: ReaderTidings,
): Letter {
  const recipient = displayAddress(request.recipient)
  return {
    to: reader,
    subject: words.say(`mail.requests.${tidings}.subject`),
    paragraphs: [
      ...(mail ? [messageLine(words, mail)] : []),
      words.say(`mail.requests.${tidings}.what`, { recipient }),
      ...(isDecision(tidings) ? noteLines(words, request.note) : []),
    ],
    afterwards: contact === undefined ? [] : [`${words.say('digest.contact')} ${contact}`],
  }
}

export interface ReaderTidings {
  readonly request: RequestRow
  /** Undefined: amavis's tables no longer have it. */
  readonly mail: HeldMail | undefined
  readonly tidings: Tidings
  /** Whom readers can ask. */
  readonly contact: string | undefined
}

/** Which message it is, in words of a stranger: no mail program makes links of them, and no filter takes offence. */
export const messageLine = (words: Words, mail: Pick<HeldMail, 'subject' | 'from' | 'sender'>): string =>
  words.say('mail.requests.message', { subject: subjectOf(words, mail), sender: senderOf(mail) })

export const subjectOf = (words: Words, { subject }: Pick<HeldMail, 'subject'>): string =>
  harmless(displayText(subject, LONGEST_SUBJECT)) || words.say('display.noSubject')

export const senderOf = (mail: Pick<HeldMail, 'from' | 'sender'>): string =>
  harmless(senderParts(displaySender(mail)).join(', ')) || '<>'

const LONGEST_SUBJECT = 120

const harmless = (text: string): string => withoutTestStrings(inertForText(text))

/** Whether an admin has decided: then the note says why. */
const isDecision = (tidings: Tidings): boolean =>
  tidings !== 'expired' && tidings !== 'released' && tidings !== 'gone'

/** The note of an admin, line by line. */
function noteLines(words: Words, note: string | undefined): string[] {
  if (note === undefined) return []
  const lines = note.split(/\r\n?|\n/).map(line => displayText(line, LONGEST_LINE))
  return [words.say('mail.requests.note'), ...lines.filter(line => line !== '').slice(0, MOST_LINES)]
}

/** A note has no more characters. */
const LONGEST_LINE = 1000

const MOST_LINES = 40
