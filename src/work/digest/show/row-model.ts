import { sentTo } from '../../../ground/directory/sent-to.ts'
import { withoutTestStrings } from '../../../ground/display/disguise.ts'
import { formatScore } from '../../../ground/display/format.ts'
import { sameOrganisation } from '../../../ground/display/organisational-domain.ts'
import { type Quotation, quoting } from '../../../ground/display/quote.ts'
import { whyHeld } from '../../../ground/display/reason.ts'
import { type DisplaySender, displaySender, senderLine } from '../../../ground/display/sender.ts'
import { displayText } from '../../../ground/display/text.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import type { Offer } from '../../../rules/policy/offer.ts'
import { type Medium, placeOf } from './frame-model.ts'
import { type ButtonWords, buttonWords, largeSize, rowTimes } from './row-words.ts'
import type { DigestEntry, DigestGroup, DigestView } from './view.ts'

/**
 * One message. All strings are safe to show: no program makes links of them. They are not escaped. What is `spoken` stands
 * in for a string that a screen reader could not speak as it is written, and is empty for all others.
 */
export interface RowModel {
  readonly number: number
  /** The heading of its group, on the first message of each group. */
  readonly heading: HeadingModel | undefined
  readonly name: string
  readonly spokenName: string
  readonly address: string
  /** Whether a screen reader shall pass the address over: the button's label has it. */
  readonly hidesAddress: boolean
  /** The name shows an address that is not the sender's, so that the sender's own address has to stand before it. */
  readonly nameClaimsAnother: boolean
  /** Name and address in one line, or address and name. */
  readonly sender: string
  /** The envelope sender if it belongs to another organisation, otherwise empty. */
  readonly envelope: string
  readonly spokenEnvelope: string
  readonly bounce: boolean
  readonly title: string
  readonly spokenTitle: string
  /** Why it was held. */
  readonly reason: string
  readonly spokenReason: string
  /** A warning about the sender; may be empty. */
  readonly caution: string
  /** When it came; its size and deadline if they are worth mentioning. */
  readonly facts: string
  /** The address that it was sent to, if that is not the reader's own; otherwise empty. */
  readonly sentTo: string
  /** The same in two parts, so that a line may end after the at-sign. */
  readonly sentToName: string
  readonly sentToDomain: string
  readonly spokenSentTo: string
  readonly risky: boolean
  /** Whether its release deserves the eye-catching button. */
  readonly strong: boolean
  readonly button: string
  /** The button's text with the subject and a hidden address, for readers who hear the mail or tab from link to link. */
  readonly label: string
  readonly url: string
}

export interface HeadingModel {
  readonly title: string
  /** May be empty. */
  readonly about: string
}

/** Makes the rows of one digest: what they share is prepared once. */
export function rowMaker(view: DigestView, words: Words): RowMaker {
  const { language, timeZone } = placeOf(view, words)
  const times = rowTimes({ language, timeZone })
  const buttons = buttonWords(words)
  const shared = times.until(view.releasableUntil, view.createdAt)
  const quote = quoting(view.quotesLiterally === true)
  return (entry, number, heading) => {
    const { mail, offer, group } = entry
    const risky = offer !== 'release'
    const sender = displaySender(mail)
    const until = times.until(entry.releasableUntil, view.createdAt)
    const same = {
      number,
      heading,
      bounce: sender.isBounce,
      caution: sender.nameClaimsAnother ? words.say('display.nameClaimsAnother') : '',
      facts: joinFacts(
        times.received(mail.receivedAt, view.createdAt),
        largeSize(mail.size, language),
        until === shared ? '' : words.say('digest.untilRow', { until }),
      ),
      nameClaimsAnother: sender.nameClaimsAnother,
      risky,
      strong: group === 'wanted' && !risky && !sender.nameClaimsAnother,
      button: buttons[BUTTONS[offer]],
      url: entry.releaseUrl,
    }
    const reason = reasonOf(entry, view, words, language)
    return mediaOf(
      same,
      LABELS[offer],
      shownOf(mail.subject, sender, sentTo(mail.recipient, view.reader), words),
      quoteReason(entry, reason, quote),
      quote,
      words,
    )
  }
}

/** A message that can't be had is in no digest. */
const BUTTONS = {
  release: 'release',
  confirm: 'checkFirst',
  request: 'ask',
  none: 'checkFirst',
} as const satisfies Record<Offer, keyof ButtonWords>

const LABELS = {
  release: 'digest.releaseThis',
  confirm: 'digest.reviewThis',
  request: 'digest.askThis',
  none: 'digest.reviewThis',
} as const satisfies Record<Offer, string>

export type Rows = Readonly<Record<Medium, RowModel>>

type RowMaker = (entry: DigestEntry, number: number, heading?: HeadingModel) => Rows

export const headingOf = ({ group, total }: DigestGroup, words: Words): HeadingModel => ({
  title: words.say(`digest.groups.${group}.title`, { count: total }),
  about: group === 'spam' ? '' : words.say(`digest.groups.${group}.about`),
})

export const MAX_SUBJECT = 100
export const MAX_LABEL = 60

function reasonOf({ mail }: DigestEntry, view: DigestView, words: Words, language: string): string {
  const why = whyHeld(mail, words)
  const score = view.showsScore ? formatScore(mail.score, language) : undefined
  return score === undefined ? why : words.say('display.withScore', { why, score })
}

function joinFacts(received: string, size: string, until: string): string {
  const more = size === '' ? until : until === '' ? size : `${size} · ${until}`
  return more === '' ? received : `${received} · ${more}`
}

/** Text from a mail, cleaned but not yet quoted. */
interface Shown {
  readonly name: string
  readonly address: string
  readonly envelope: string
  readonly title: string
  readonly label: string
  readonly sentTo: string
  /** What to say when there is neither a name nor an address. */
  readonly unknown: string
}

function shownOf(subject: string, sender: DisplaySender, recipient: string, words: Words): Shown {
  const title = withoutTestStrings(displayText(subject, MAX_SUBJECT)) || words.say('display.noSubject')
  return {
    name: sender.name,
    address: sender.address,
    envelope: foreignEnvelope(sender),
    title,
    label: title.length <= MAX_LABEL ? title : displayText(title, MAX_LABEL),
    sentTo: recipient,
    unknown: words.say('display.unknownSender'),
  }
}

/** Mail is often sent through another host of the sender's own; only a stranger's is worth mentioning. */
export const foreignEnvelope = ({ address, envelope }: DisplaySender): string =>
  envelope === undefined || (address !== '' && sameOrganisation(address, envelope)) ? '' : envelope

type Quote = (text: string) => Quotation

/** Only the name of a file or virus comes from a mail. */
const quoteReason = ({ mail }: DigestEntry, reason: string, quote: Quote): Quotation =>
  mail.because.detail === 'named' ? quote(reason) : { html: reason, text: reason, spoken: '' }

type Quoted =
  | 'name'
  | 'spokenName'
  | 'address'
  | 'hidesAddress'
  | 'sender'
  | 'envelope'
  | 'spokenEnvelope'
  | 'title'
  | 'spokenTitle'
  | 'reason'
  | 'spokenReason'
  | 'sentTo'
  | 'sentToName'
  | 'sentToDomain'
  | 'spokenSentTo'
type Same = Omit<RowModel, 'label' | Quoted>

function mediaOf(
  same: Same,
  labelKey: string,
  shown: Shown,
  reason: Quotation,
  quote: Quote,
  words: Words,
): Rows {
  const address = quote(shown.address)
  const subject = words.say(labelKey, { subject: shown.label })
  const label = address.spoken === '' ? subject : `${subject} (${tailOf(address.spoken)})`
  const quoted = {
    name: quote(shown.name),
    address,
    envelope: quote(shown.envelope),
    title: quote(shown.title),
    reason,
    sentTo: quote(shown.sentTo),
    unknown: shown.unknown,
  }
  return {
    html: rowOf(same, quoted, label, 'html'),
    text: rowOf(same, quoted, label, 'text'),
  }
}

/** The end of a long address, because anybody can choose what precedes it. */
const tailOf = (address: string): string =>
  address.length <= MAX_LABEL ? address : `…${address.slice(-MAX_TAIL).toWellFormed()}`

const MAX_TAIL = 40

interface QuotedRow
  extends Readonly<Record<'name' | 'address' | 'envelope' | 'title' | 'reason' | 'sentTo', Quotation>> {
  readonly unknown: string
}

/** All fields one by one: an object that is spread takes three times as long to make and to read. */
function rowOf(same: Same, row: QuotedRow, label: string, medium: Medium): RowModel {
  const name = row.name[medium]
  const address = row.address[medium] || (name ? '' : row.unknown)
  const spoken = (quotation: Quotation): string => (medium === 'html' ? quotation.spoken : '')
  const { nameClaimsAnother } = same
  const recipient = row.sentTo[medium]
  const domainAt = recipient.lastIndexOf('@') + 1
  return {
    number: same.number,
    heading: same.heading,
    name,
    spokenName: spoken(row.name),
    address,
    hidesAddress: spoken(row.address) !== '',
    nameClaimsAnother,
    sender: senderLine({ name, address, nameClaimsAnother }),
    envelope: row.envelope[medium],
    spokenEnvelope: spoken(row.envelope),
    bounce: same.bounce,
    title: row.title[medium],
    spokenTitle: spoken(row.title),
    reason: row.reason[medium],
    spokenReason: spoken(row.reason),
    caution: same.caution,
    facts: same.facts,
    sentTo: recipient,
    sentToName: recipient.slice(0, domainAt),
    sentToDomain: recipient.slice(domainAt),
    spokenSentTo: spoken(row.sentTo),
    risky: same.risky,
    strong: same.strong,
    button: medium === 'text' ? same.button.replace(/\s*…$/, '') : same.button,
    label,
    url: same.url,
  }
}
