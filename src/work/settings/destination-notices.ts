import type { Actor } from '../../ground/audit/record.ts'
import { chunks } from '../../ground/database/chunks.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import { displayAddress } from '../../ground/display/address.ts'
import { displayText } from '../../ground/display/text.ts'
import type { Words } from '../../ground/i18n/locales.ts'
import type { OutgoingMail } from '../../ground/mail/mailer.ts'
import { type Reach, reaches } from '../../rules/reach/reach.ts'
import { EVERYBODY, isReader } from '../../rules/settings/scope.ts'
import { type CopyChange, copyLetters } from './copy-letters.ts'
import { type NotifyDeps, notifyDestinationChanged, sendLetter } from './destination-letters.ts'
import { endRequests } from './destination-requests.ts'
import { readerSettings } from './read-settings.ts'

export interface NoticeDeps extends NotifyDeps {
  /** The admins of the configuration. */
  readonly admins: readonly { readonly address: string; readonly domains?: Reach }[]
}

/** A new destination for the digests of a reader, a domain or everybody. */
export interface DestinationChange {
  readonly scope: string
  /** Undefined: each reader's own mailbox. */
  readonly from: string | undefined
  readonly to: string | undefined
  /** Who gets copies of them, if an admin has changed that. */
  readonly copies?: Omit<CopyChange, 'scope'> | undefined
}

/** Whether the digests themselves go elsewhere than before. */
export const isMove = ({ scope, from, to }: DestinationChange): boolean => {
  const own = isReader(scope) ? scope : undefined
  return (from ?? own) !== (to ?? own)
}

/**
 * Reports that an admin has changed where digests or copies of them go (for copies: `copyLetters`). For a reader, mails go to the mailboxes concerned. For a domain
 * or everybody, they go to the old and the new destination and to all admins of these readers. If more than
 * `MOST_REPORTED` destinations have changed at once, in an import of tens of thousands, only the admins are told.
 *
 * Pending requests of these readers for another destination end, even if their digests later go again to where they
 * went when the request was made.
 *
 * @throws Error when a mail could not be sent
 */
export async function notifyDestinationsChanged(
  deps: NoticeDeps,
  by: Actor,
  changes: readonly DestinationChange[],
): Promise<void> {
  const isTooMany = changes.length > MOST_REPORTED
  const moves = changes.filter(change => isMove(change) || !change.copies)
  const [readers, wide] = [moves.filter(isReaders), moves.filter(move => !isReaders(move))]
  await endRequests(
    deps.state,
    readers.map(({ scope }) => scope),
    deps.clock(),
  )
  const failures: string[] = []
  const attempt = async (task: () => Promise<unknown>): Promise<void> => {
    if (failures.length >= MOST_FAILURES) return
    await task().catch(error => failures.push(error instanceof Error ? error.message : String(error)))
  }
  const send = (letter: OutgoingMail) =>
    attempt(async () => {
      if (!(await sendLetter(deps, letter))) throw new Error(`no mail could be sent to ${letter.to}`)
    })

  for (const letter of adminsLetters(deps, by.name, isTooMany ? moves : wide)) await send(letter)
  if (!isTooMany) {
    for (const letter of await mailboxLetters(deps, by.name, wide)) await send(letter)
    for (const chunk of chunks(readers, AT_ONCE)) {
      await Promise.all(
        chunk.map(({ scope, from = scope, to = scope }) =>
          attempt(() => notifyDestinationChanged(deps, scope, from, to)),
        ),
      )
    }
  }
  const copies = changes.flatMap(({ scope, copies }) => (copies ? [{ scope, ...copies }] : []))
  for (const letter of await copyLetters(deps, by, copies, isTooMany)) await send(letter)
  if (failures.length > 0) throw new Error(failures.join('; '))
}

const isReaders = ({ scope }: DestinationChange): boolean => isReader(scope)

/** More changes than this would be a flood of mail that an admin who imports settings did not ask for. */
const MOST_REPORTED = 1000

/** The number of failed letters after which it gives up: the SMTP server is down, and the admin is waiting. */
const MOST_FAILURES = 5

const AT_ONCE = 4

/** The maximum number of changes listed in a letter. */
const MOST_LINES = 50

/** A letter to each admin, about the readers within this admin's reach. */
function adminsLetters(deps: NoticeDeps, who: string, changes: readonly DestinationChange[]): OutgoingMail[] {
  return deps.admins.flatMap(({ address, domains }) => {
    const theirs = changes.filter(({ scope }) => reaches(domains, scope))
    return theirs.length === 0 ? [] : [letterTo(deps, address, deps.standard.language, who, theirs)]
  })
}

/** A letter to each old and each new destination, except to admins, who get a letter anyway. */
async function mailboxLetters(
  deps: NoticeDeps,
  who: string,
  changes: readonly DestinationChange[],
): Promise<OutgoingMail[]> {
  const isToldAsAdmin = (mailbox: string, { scope }: DestinationChange) =>
    deps.admins.some(
      ({ address, domains }) => readerAddress(address) === readerAddress(mailbox) && reaches(domains, scope),
    )
  const byMailbox = Map.groupBy(
    changes.flatMap(change =>
      [change.from, change.to].flatMap(mailbox =>
        mailbox === undefined || isToldAsAdmin(mailbox, change) ? [] : [{ mailbox, change }],
      ),
    ),
    ({ mailbox }) => readerAddress(mailbox) ?? mailbox,
  )
  const letters: OutgoingMail[] = []
  for (const concerned of byMailbox.values()) {
    const [{ mailbox, change } = { mailbox: '', change: undefined }] = concerned
    if (!change) continue
    const { language } = await readerSettings(deps.state, change.scope, deps.standard)
    const theirChanges = concerned.map(({ change }) => change)
    letters.push(letterTo(deps, mailbox, language, who, theirChanges))
  }
  return letters
}

function letterTo(
  deps: NoticeDeps,
  to: string,
  language: string,
  who: string,
  changes: readonly DestinationChange[],
): OutgoingMail {
  const words = deps.locales.wordsFor(language)
  const more = changes.length - MOST_LINES
  return deps.plainMail(words, {
    to,
    subject: words.say('mail.destinations.subject'),
    paragraphs: [
      words.say('mail.destinations.who', { who: displayText(who, 100) }),
      ...changes.slice(0, MOST_LINES).map(change => lineOf(change, words)),
      ...(more > 0 ? [words.say('mail.destinations.more', { count: more })] : []),
    ],
    afterwards: [words.say('mail.newDestination.why'), words.say('mail.destinations.otherwise')],
  })
}

function lineOf({ scope, from, to }: DestinationChange, words: Words): string {
  const mailbox = (address: string | undefined) =>
    address === undefined ? words.say('mail.destinations.own') : displayAddress(address)
  const whose = scope === EVERYBODY ? words.say('mail.destinations.everybody') : displayAddress(scope)
  return words.say('mail.destinations.line', { whose, from: mailbox(from), to: mailbox(to) })
}
