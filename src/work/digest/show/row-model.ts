import { formatScore } from '../../../ground/display/format.ts'
import { inertForHtml, inertForText } from '../../../ground/display/inert.ts'
import { sameOrganisation } from '../../../ground/display/organisational-domain.ts'
import { whyHeld } from '../../../ground/display/reason.ts'
import { type DisplaySender, displaySender, senderLine } from '../../../ground/display/sender.ts'
import { displayText } from '../../../ground/display/text.ts'
import type { Words } from '../../../ground/i18n/locales.ts'
import { type Medium, placeOf } from './frame-model.ts'
import { buttonWords, largeSize, rowTimes } from './row-words.ts'
import type { DigestEntry, DigestGroup, DigestView } from './view.ts'

/** One message. All strings are safe to show: they hold no hidden characters and no links. They are not escaped. */
export interface RowModel {
  readonly number: number
  /** The heading of its group, on the first message of each group. */
  readonly heading: HeadingModel | undefined
  readonly name: string
  readonly address: string
  /** The name shows an address that is not the sender's, so that the sender's own address has to stand before it. */
  readonly nameClaimsAnother: boolean
  /** Name and address in one line, or address and name. */
  readonly sender: string
  /** The envelope sender if it belongs to another organisation, otherwise empty. */
  readonly envelope: string
  readonly bounce: boolean
  readonly title: string
  /** Why it was held. */
  readonly reason: string
  /** A warning about the sender; may be empty. */
  readonly caution: string
  /** When it came; its size and deadline if they are worth mentioning. */
  readonly facts: string
  readonly risky: boolean
  /** Whether its release deserves the eye-catching button. */
  readonly strong: boolean
  readonly button: string
  /** The button's text with the subject, for readers who hear the mail or tab from link to link. */
  readonly label: string
  readonly url: string
}

export interface HeadingModel {
  readonly title: string
  /** May be empty. */
  readonly about: string
}

/** Makes the rows of one digest: what they share is prepared once. */
export function rowMaker(view: DigestView, words: Words): (entry: DigestEntry, number: number) => Rows {
  const { language, timeZone } = placeOf(view, words)
  const times = rowTimes({ language, timeZone })
  const buttons = buttonWords(words)
  const shared = times.until(view.releasableUntil, view.createdAt)
  return (entry, number) => {
    const { mail, offer, group } = entry
    const risky = offer !== 'release'
    const sender = displaySender(mail)
    const until = times.until(entry.releasableUntil, view.createdAt)
    const same = {
      number,
      bounce: sender.isBounce,
      reason: reasonOf(entry, view, words, language),
      caution: sender.nameClaimsAnother ? words.say('display.nameClaimsAnother') : '',
      facts: joinFacts(
        times.received(mail.receivedAt, view.createdAt),
        largeSize(mail.size, language),
        until === shared ? '' : words.say('digest.untilRow', { until }),
      ),
      nameClaimsAnother: sender.nameClaimsAnother,
      risky,
      strong: group === 'wanted' && !risky && !sender.nameClaimsAnother,
      button: risky ? buttons.checkFirst : buttons.release,
      url: entry.releaseUrl,
    }
    return mediaOf(same, shownOf(mail.subject, sender, words), words)
  }
}

export type Rows = Readonly<Record<Medium, Omit<RowModel, 'heading'>>>

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

/** Text from a mail, cleaned but not yet inert. */
interface Shown {
  readonly name: string
  readonly address: string
  readonly envelope: string
  readonly nameClaimsAnother: boolean
  readonly title: string
  readonly label: string
  /** What to say when there is neither a name nor an address. */
  readonly unknown: string
}

function shownOf(subject: string, sender: DisplaySender, words: Words): Shown {
  const title = displayText(subject, MAX_SUBJECT) || words.say('display.noSubject')
  return {
    name: sender.name,
    address: sender.address,
    envelope: foreignEnvelope(sender),
    nameClaimsAnother: sender.nameClaimsAnother,
    title,
    label: title.length <= MAX_LABEL ? title : displayText(title, MAX_LABEL),
    unknown: words.say('display.unknownSender'),
  }
}

/** Mail is often sent through another host of the sender's own; only a stranger's is worth mentioning. */
export const foreignEnvelope = ({ address, envelope }: DisplaySender): string =>
  envelope === undefined || (address !== '' && sameOrganisation(address, envelope)) ? '' : envelope

type Same = Omit<RowModel, 'heading' | 'name' | 'address' | 'sender' | 'envelope' | 'title' | 'label'>

function mediaOf(same: Same, shown: Shown, words: Words): Rows {
  const label = words.say(same.risky ? 'digest.reviewThis' : 'digest.releaseThis', { subject: shown.label })
  return {
    html: { ...same, ...inertRow(shown, inertForHtml), reason: inertForHtml(same.reason), label },
    text: { ...same, ...inertRow(shown, inertForText), reason: inertForText(same.reason), label },
  }
}

function inertRow(shown: Shown, inert: (text: string) => string) {
  const name = inert(shown.name)
  const address = inert(shown.address) || (name ? '' : shown.unknown)
  return {
    name,
    address,
    sender: senderLine({ name, address, nameClaimsAnother: shown.nameClaimsAnother }),
    envelope: inert(shown.envelope),
    title: inert(shown.title),
  }
}
