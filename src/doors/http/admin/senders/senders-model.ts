import type { EntryEffect } from '../../../../desks/senders/sender-desk.ts'
import { displayText } from '../../../../ground/display/text.ts'
import type { CodedError } from '../../../../ground/errors.ts'
import type { ListsOfOwner, StoredEntry } from '../../../../ground/senders/sender-lists.ts'
import type { Reach } from '../../../../rules/reach/reach.ts'
import { ALL_OWNERS } from '../../../../rules/senders/owner.ts'
import type { SenderEntry } from '../../../../rules/senders/sender-entry.ts'
import { senderPattern } from '../../../../rules/senders/sender-pattern.ts'
import { optionsOf } from '../../web/options.ts'
import type { Writer } from '../../web/writer.ts'
import { breakable } from '../frame/breakable.ts'
import { faultModels, faultsByField } from '../frame/form-faults.ts'
import { pathOf } from '../frame/scope-page.ts'
import { noticeOf } from './senders-notice.ts'
import { sendersPath } from './senders-path.ts'

export interface SendersPage {
  /** What was written as the owner. */
  readonly text: string
  /** Undefined: none is named yet, or the text names none. */
  readonly owner: string | undefined
  readonly lists: ListsOfOwner | undefined
  /** What is to be added; undefined: nothing yet. */
  readonly entry: SenderEntry | undefined
  /** What it would have done. */
  readonly effect: EntryEffect | undefined
  readonly fault: CodedError | undefined
  readonly domains: Reach
  readonly query: URLSearchParams
}

/** The lists of an owner, the form to add to them, and before that, the choice of an owner. */
export function sendersModel(page: SendersPage, writer: Writer): object {
  const { text, owner, lists, entry, effect, fault, query } = page
  const { words } = writer
  const isUnknown = text !== '' && owner === undefined
  const isSendersFault = fault?.code === 'SENDER_INVALID'
  const faults = faultModels(
    [
      ...(isUnknown ? [{ field: 'owner', key: 'nobody', found: text.slice(0, 100) }] : []),
      ...(isSendersFault ? [{ field: 'sender', detail: fault.message }] : []),
    ],
    words,
  )
  return {
    chooser: writer.url('/admin/senders'),
    text,
    at: faultsByField(['owner', 'sender'], faults),
    owners: ownersOf(page, writer),
    owner: owner && ownerWords(owner, writer),
    readerUrl: owner === undefined || owner === ALL_OWNERS ? undefined : writer.url(pathOf(owner)),
    action: owner && writer.url(sendersPath(owner)),
    problem:
      fault && !isSendersFault
        ? {
            text: words.say(`admin.senders.${fault.code === 'SENDERS_REFUSED' ? 'refused' : 'away'}`),
            detail: fault.message,
          }
        : undefined,
    did: lists && noticeOf(query, lists.entries, writer),
    standing:
      lists && lists.standing !== 'follows'
        ? words.say(`admin.senders.standing.${lists.standing}`)
        : undefined,
    sender: entry?.sender ?? '',
    lists: optionsOf(['allow', 'block'], entry?.list ?? 'allow', list =>
      words.say(`admin.senders.to.${list}`),
    ),
    preview: entry && effect && lists && previewOf(entry, effect, lists, writer),
    ...entriesOf(page, writer),
  }
}

const ownerWords = (owner: string, { words }: Writer): string =>
  owner === ALL_OWNERS ? words.say('admin.senders.everybody') : displayText(owner, 320)

/** The domains of an admin, and everybody for an admin of all domains. */
const ownersOf = ({ domains }: SendersPage, writer: Writer): object[] =>
  (domains?.map(domain => `@${domain}`) ?? [ALL_OWNERS]).map(owner => ({
    url: writer.url(sendersPath(owner)),
    label: ownerWords(owner, writer),
  }))

/** What an entry would have done, what is there now, and what speaks against it. */
function previewOf(
  { sender: typed, list }: SenderEntry,
  effect: EntryEffect,
  lists: ListsOfOwner,
  { words }: Writer,
) {
  const { count, isAtLeast } = effect
  const sender = senderPattern(typed)
  const present = lists.entries.find(one => one.sender === sender)
  return {
    sender,
    list,
    title: words.say(`admin.senders.ask.${list}`, { sender: displayText(sender, 320) }),
    effect: words.say(`admin.senders.effect.${list}${isAtLeast ? 'AtLeast' : ''}`, { count }),
    present: present && words.say(`admin.senders.present.${present.list}`),
    cautions: [
      ...(list === 'allow' ? [words.say('admin.senders.caution.forgeable')] : []),
      ...(lists.standing !== 'follows' ? [words.say('admin.senders.caution.ignored')] : []),
    ],
    button: words.say(`admin.senders.save.${list}`),
  }
}

/** One page of the entries that have a text in them, in the order of the alphabet. */
function entriesOf({ owner, lists, query }: SendersPage, writer: Writer) {
  const find = (query.get('find') ?? '').trim()
  const found = (lists?.entries ?? [])
    .filter(({ sender }) => sender.toLowerCase().includes(find.toLowerCase()))
    .toSorted(bySender)
  const pages = Math.max(1, Math.ceil(found.length / PER_PAGE))
  const page = pageIn(query, pages)
  const pageUrl = (number: number) =>
    writer.url(
      `${sendersPath(owner ?? '')}&${new URLSearchParams({ ...(find && { find }), page: String(number) })}`,
    )
  return {
    hasLists: lists !== undefined,
    find,
    isSearchable: find !== '' || (lists?.entries.length ?? 0) > PER_PAGE,
    total: writer.words.say('admin.senders.count', { count: found.length }),
    entries: found.slice((page - 1) * PER_PAGE, page * PER_PAGE).map(entry => entryRow(entry, writer)),
    here: pages > 1 ? writer.words.say('page.digest.here', { number: page, pages }) : undefined,
    previousUrl: page > 1 ? pageUrl(page - 1) : undefined,
    nextUrl: page < pages ? pageUrl(page + 1) : undefined,
  }
}

const PER_PAGE = 100

function pageIn(query: URLSearchParams, last: number): number {
  const page = Number(query.get('page') ?? 1)
  return Number.isInteger(page) ? Math.min(Math.max(page, 1), last) : 1
}

const bySender = (a: StoredEntry, b: StoredEntry): number =>
  a.sender < b.sender ? -1 : a.sender > b.sender ? 1 : 0

const entryRow = ({ sender, list, counts }: StoredEntry, { words }: Writer): object => ({
  sender,
  parts: breakable(displayText(sender, 320)),
  list,
  badge: { label: words.say(`admin.senders.is.${list}`), mood: list === 'allow' ? 'good' : 'bad' },
  isIdle: !counts,
  removing: words.say('admin.senders.removing', { sender: displayText(sender, 320) }),
})
