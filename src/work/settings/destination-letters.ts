import type { Logger } from 'pino'
import type { Database } from '../../ground/database/database.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import { displayAddress, fullAddress } from '../../ground/display/address.ts'
import type { Locales, Words } from '../../ground/i18n/locales.ts'
import type { Mailer, OutgoingMail } from '../../ground/mail/mailer.ts'
import type { PlainMail } from '../../ground/mail/plain-mail.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { readerSettings } from './read-settings.ts'
import type { Standards } from './standards.ts'

/** What is needed to write and send the mails about where digests go. */
export interface DestinationLetters {
  readonly locales: Locales
  readonly plainMail: PlainMail
  readonly mailer: Pick<Mailer, 'send'>
  /** Whom readers can ask. */
  readonly contact: string | undefined
  readonly log: Logger
}

export interface NotifyDeps extends DestinationLetters {
  readonly state: Database<StateTables>
  readonly standard: Standards
  readonly clock: () => number
}

/**
 * Tells a reader that an admin has changed the destination of the digests. The mails go to the reader's own mailbox, to
 * the old destination and to the new one.
 *
 * @throws Error when a mail could not be sent
 */
export async function notifyDestinationChanged(
  deps: NotifyDeps,
  reader: string,
  from: string,
  to: string,
): Promise<void> {
  const { language } = await readerSettings(deps.state, reader, deps.standard)
  const left = [reader, from].filter(address => readerAddress(address) !== readerAddress(to))
  const letters = [
    ...[...new Set(left)].map(address => movedLetter(deps, language, { reader, to, at: address })),
    newDestinationLetter(deps, language, reader, to),
  ]
  const sent = await Promise.all(letters.map(letter => sendLetter(deps, letter)))
  const failed = letters.filter((_, index) => !sent[index])
  if (failed.length > 0) throw new Error(`no mail could be sent to ${failed.map(({ to }) => to).join(', ')}`)
}

/** @returns whether the SMTP server accepted it */
export async function sendLetter(deps: DestinationLetters, letter: OutgoingMail): Promise<boolean> {
  const { outcome, reply } = await deps.mailer.send(letter)
  if (outcome !== 'accepted') deps.log.warn({ to: letter.to, reply }, 'a mail could not be sent')
  return outcome === 'accepted'
}

/** Asks at the current destination of the digests whether it may be changed. */
export function confirmationLetter(
  deps: DestinationLetters,
  language: string,
  request: {
    readonly reader: string
    readonly from: string
    readonly deliverTo: string
    readonly link: string
  },
): OutgoingMail {
  const words = deps.locales.wordsFor(language)
  const people = { reader: displayAddress(request.reader), to: fullAddress(request.deliverTo) }
  return deps.plainMail(words, {
    to: request.from,
    subject: words.say('mail.confirmDestination.subject'),
    paragraphs: [words.say('mail.confirmDestination.what', people), words.say('mail.confirmDestination.how')],
    link: { url: request.link, label: words.say('mail.confirmDestination.link') },
    afterwards: [words.say('mail.confirmDestination.otherwise'), ...whomToAsk(deps, words)],
  })
}

/** Says at the new destination whose digests will come. */
export const newDestinationLetter = (
  deps: DestinationLetters,
  language: string,
  reader: string,
  to: string,
): OutgoingMail =>
  moveLetter(
    deps,
    language,
    { reader, to, at: to },
    {
      subject: 'mail.newDestination.subject',
      paragraphs: ['mail.newDestination.what', 'mail.newDestination.why'],
      otherwise: 'mail.newDestination.otherwise',
    },
  )

/** Says at the old destination that the reader has taken the digests back. */
export const takenBackLetter = (deps: DestinationLetters, language: string, move: Move): OutgoingMail =>
  moveLetter(deps, language, move, {
    subject: 'mail.destinations.subject',
    paragraphs: ['mail.newDestination.what'],
    otherwise: 'mail.movedDestination.otherwise',
  })

/** Says in the reader's own mailbox that the digests went elsewhere, and now go somewhere else again. */
export const movedOnLetter = (deps: DestinationLetters, language: string, move: Move): OutgoingMail =>
  moveLetter(deps, language, move, {
    subject: 'mail.movedDestination.subject',
    paragraphs: ['mail.newDestination.what', 'mail.movedOn.who'],
    otherwise: 'mail.movedDestination.otherwise',
  })

const movedLetter = (deps: DestinationLetters, language: string, move: Move): OutgoingMail =>
  moveLetter(deps, language, move, {
    subject: 'mail.movedDestination.subject',
    paragraphs: ['mail.movedDestination.what'],
    otherwise: 'mail.movedDestination.otherwise',
  })

/** Whose digests go where, and the mailbox that is told so. */
interface Move {
  readonly reader: string
  readonly to: string
  readonly at: string
}

/** @param keys the keys of its sentences; `otherwise` says what to do if the move is not wanted */
function moveLetter(
  deps: DestinationLetters,
  language: string,
  { reader, to, at }: Move,
  keys: { readonly subject: string; readonly paragraphs: readonly string[]; readonly otherwise: string },
): OutgoingMail {
  const words = deps.locales.wordsFor(language)
  const people = { reader: displayAddress(reader), to: displayAddress(to) }
  return deps.plainMail(words, {
    to: at,
    subject: words.say(keys.subject),
    paragraphs: keys.paragraphs.map(key => words.say(key, people)),
    afterwards: [words.say(keys.otherwise), ...whomToAsk(deps, words)],
  })
}

const whomToAsk = ({ contact }: DestinationLetters, words: Words): string[] =>
  contact === undefined ? [] : [`${words.say('digest.contact')} ${contact}`]
