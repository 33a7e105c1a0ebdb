import type { Actor } from '../../ground/audit/record.ts'
import { chunks } from '../../ground/database/chunks.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import { displayAddress } from '../../ground/display/address.ts'
import { displayText } from '../../ground/display/text.ts'
import type { Words } from '../../ground/i18n/locales.ts'
import type { OutgoingMail } from '../../ground/mail/mailer.ts'
import { type Reach, reaches } from '../../rules/reach/reach.ts'
import { EVERYBODY, isReader } from '../../rules/settings/scope.ts'
import { type NotifyDeps, notifyDestinationChanged, sendLetter } from './destination-letters.ts'
import { endRequests } from './destination-requests.ts'
import { settingsOf } from './read-settings.ts'

export interface NoticeDeps extends NotifyDeps {
  /** As the configuration names them. */
  readonly admins: readonly { readonly address: string; readonly domains?: Reach }[]
}

/** That the digests of a reader, a domain or everybody go elsewhere than before. */
export interface DestinationChange {
  readonly scope: string
  /** Undefined: each reader's own mailbox. */
  readonly from: string | undefined
  readonly to: string | undefined
}

/**
 * Tells of digests that go elsewhere because of an admin: a reader, at the mailboxes concerned; of a whole domain or of
 * everybody, the mailboxes where these digests went and go, and all admins who look after them. Of more changes than
 * `MOST_TOLD` at once, an import of tens of thousands, the admins alone are told. Whatever these readers have asked for
 * before is void, should their digests go again where they went then, too.
 *
 * @throws Error when a mail could not be sent
 */
export async function notifyDestinationsChanged(
  deps: NoticeDeps,
  by: Actor,
  changes: readonly DestinationChange[],
): Promise<void> {
  const isMuch = changes.length > MOST_TOLD
  const [readers, wide] = [changes.filter(isReaders), changes.filter(change => !isReaders(change))]
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

  for (const letter of adminsLetters(deps, by.name, isMuch ? changes : wide)) await send(letter)
  if (!isMuch) {
    for (const letter of await mailboxLetters(deps, by.name, wide)) await send(letter)
    for (const chunk of chunks(readers, AT_ONCE)) {
      await Promise.all(
        chunk.map(({ scope, from = scope, to = scope }) =>
          attempt(() => notifyDestinationChanged(deps, scope, from, to)),
        ),
      )
    }
  }
  if (failures.length > 0) throw new Error(failures.join('; '))
}

const isReaders = ({ scope }: DestinationChange): boolean => isReader(scope)

/** Changes: more at once are a flood of mail that whoever imports settings did not ask for. */
const MOST_TOLD = 1000

/** Letters that could not be sent: the SMTP server is away, and whoever made the change waits. */
const MOST_FAILURES = 5

const AT_ONCE = 4

/** Lines of a letter. */
const MOST_LINES = 50

/** To each admin, about those whom this admin looks after. */
function adminsLetters(deps: NoticeDeps, who: string, changes: readonly DestinationChange[]): OutgoingMail[] {
  return deps.admins.flatMap(({ address, domains }) => {
    const theirs = changes.filter(({ scope }) => reaches(domains, scope))
    return theirs.length === 0 ? [] : [letterTo(deps, address, deps.standard.language, who, theirs)]
  })
}

/** To where the digests of many went, and to where they go: once to each, unless it is an admin who knows already. */
async function mailboxLetters(
  deps: NoticeDeps,
  who: string,
  changes: readonly DestinationChange[],
): Promise<OutgoingMail[]> {
  const isTold = (mailbox: string, { scope }: DestinationChange) =>
    deps.admins.some(
      ({ address, domains }) => readerAddress(address) === readerAddress(mailbox) && reaches(domains, scope),
    )
  const byMailbox = Map.groupBy(
    changes.flatMap(change =>
      [change.from, change.to].flatMap(mailbox =>
        mailbox === undefined || isTold(mailbox, change) ? [] : [{ mailbox, change }],
      ),
    ),
    ({ mailbox }) => readerAddress(mailbox) ?? mailbox,
  )
  const letters: OutgoingMail[] = []
  for (const about of byMailbox.values()) {
    const [{ mailbox, change } = { mailbox: '', change: undefined }] = about
    if (!change) continue
    const settings = (await settingsOf(deps.state, [change.scope], deps.standard)).get(change.scope)
    const language = settings?.language ?? deps.standard.language
    const theirs = about.map(one => one.change)
    letters.push(letterTo(deps, mailbox, language, who, theirs))
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
