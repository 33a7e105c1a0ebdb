import type { Actor } from '../../ground/audit/record.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import { displayAddress } from '../../ground/display/address.ts'
import { formatList } from '../../ground/display/format.ts'
import { displayText } from '../../ground/display/text.ts'
import type { Words } from '../../ground/i18n/locales.ts'
import type { OutgoingMail } from '../../ground/mail/mailer.ts'
import { type Reach, reaches } from '../../rules/reach/reach.ts'
import { EVERYBODY, isReader } from '../../rules/settings/scope.ts'
import type { NotifyDeps } from './destination-letters.ts'
import { readerSettings } from './read-settings.ts'

export interface CopyLetterDeps extends NotifyDeps {
  /** The admins of the configuration. */
  readonly admins: readonly { readonly address: string; readonly domains?: Reach }[]
}

/** Who gets copies of the digests of a reader, a domain or everybody. */
export interface CopyChange {
  readonly scope: string
  readonly from: readonly string[]
  readonly to: readonly string[]
}

/**
 * Says that an admin has changed who gets copies of digests. For a reader, the letters go to the reader's own mailbox
 * and to where the digests go; for a domain or everybody, to all admins of these readers. In both cases they go to those
 * who get copies now or got some before. One letter for each mailbox.
 *
 * @param onlyAdmins only the admins get one, about readers, too
 */
export async function copyLetters(
  deps: CopyLetterDeps,
  by: Actor,
  changes: readonly CopyChange[],
  onlyAdmins: boolean,
): Promise<OutgoingMail[]> {
  const told: { readonly mailbox: string; readonly change: CopyChange }[] = []
  for (const change of changes) {
    const mailboxes = [
      ...(onlyAdmins || !isReader(change.scope) ? adminsOf(deps, change) : []),
      ...(onlyAdmins ? [] : await mailboxesOf(deps, change)),
    ]
    told.push(...mailboxes.map(mailbox => ({ mailbox, change })))
  }
  const byMailbox = Map.groupBy(told, ({ mailbox }) => readerAddress(mailbox) ?? mailbox)
  const letters: OutgoingMail[] = []
  for (const theirs of byMailbox.values()) {
    const [first] = theirs
    if (!first) continue
    const { language } = await readerSettings(deps.state, first.change.scope, deps.standard)
    const own = [...new Set(theirs.map(({ change }) => change))]
    letters.push(letterTo(deps, first.mailbox, language, by.name, own))
  }
  return letters
}

const adminsOf = ({ admins }: CopyLetterDeps, { scope }: CopyChange): string[] =>
  admins.filter(({ domains }) => reaches(domains, scope)).map(({ address }) => address)

async function mailboxesOf(deps: CopyLetterDeps, { scope, from, to }: CopyChange): Promise<string[]> {
  const { deliverTo } = await readerSettings(deps.state, scope, deps.standard)
  const readers = isReader(scope) ? [scope, ...(deliverTo === undefined ? [] : [deliverTo])] : []
  return [...readers, ...to, ...from]
}

/** The maximum number of changes listed in a letter. */
const MOST_LINES = 50

function letterTo(
  deps: CopyLetterDeps,
  to: string,
  language: string,
  who: string,
  changes: readonly CopyChange[],
): OutgoingMail {
  const words = deps.locales.wordsFor(language)
  const more = changes.length - MOST_LINES
  return deps.plainMail(words, {
    to,
    subject: words.say('mail.copies.subject'),
    paragraphs: [
      words.say('mail.copies.who', { who: displayText(who, 100) }),
      ...changes.slice(0, MOST_LINES).map(change => lineOf(change, words)),
      ...(more > 0 ? [words.say('mail.destinations.more', { count: more })] : []),
    ],
    afterwards: [words.say('mail.copies.why'), words.say('mail.destinations.otherwise')],
  })
}

function lineOf({ scope, from, to }: CopyChange, words: Words): string {
  const list = (addresses: readonly string[]) =>
    addresses.length === 0
      ? words.say('mail.copies.nobody')
      : formatList(
          addresses.map(address => displayAddress(address)),
          words.language,
        )
  const whose = scope === EVERYBODY ? words.say('mail.destinations.everybody') : displayAddress(scope)
  return words.say('mail.destinations.line', { whose, from: list(from), to: list(to) })
}
