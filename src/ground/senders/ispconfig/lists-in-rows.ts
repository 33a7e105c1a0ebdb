import { writtenForms } from '../../directory/written-forms.ts'
import { displayText } from '../../display/text.ts'
import { CodedError } from '../../errors.ts'
import type { ListEntry, ListsOfOwner, PanelFacts, SenderLists, StoredEntry } from '../sender-lists.ts'
import { entryKey, isFollowed } from './entry-key.ts'
import type { ListRow, ListRows, ListUser, NewRow } from './list-rows.ts'

/** The lists of an ISPConfig. */
export interface IspconfigLists extends SenderLists {
  prove(): Promise<void>
  readonly panel: PanelFacts
}

/**
 * Keeps lists in rows of `spamfilter_wblist`. Neither the panel nor a key keeps two writers from making two rows for one
 * sender. So each looks again after it has written, and removes all rows of the sender but the newest: whoever writes
 * last decides, and one row is left.
 */
export const listsInRows = (rows: ListRows): IspconfigLists => ({
  read: owner => read(rows, owner),
  set: (owner, entry) => set(rows, owner, entry),
  remove: (owner, sender) => remove(rows, owner, sender),
  prove: () => rows.prove(),
  panel: { inheriting: limit => rows.inheriting(limit) },
})

async function read(rows: ListRows, owner: string): Promise<ListsOfOwner> {
  const user = await rows.userOf(owner)
  if (user === undefined) return { entries: [], standing: 'unknown' }
  const entries = (await rows.rowsOf(user)).flatMap(entryOf)
  return { entries: distinct(entries), standing: user.policyId === 0 ? 'inherits' : 'follows' }
}

function entryOf({ wb, email, isActive }: ListRow): readonly StoredEntry[] {
  const list = wb === 'W' ? 'allow' : wb === 'B' ? 'block' : undefined
  if (list === undefined) return []
  return [{ sender: entryKey(email), list, counts: isActive && isFollowed(email) }]
}

/** Of rows that say the same, one that counts; in the order of the senders. */
function distinct(entries: readonly StoredEntry[]): readonly StoredEntry[] {
  const found = new Map<string, StoredEntry>()
  for (const entry of entries) {
    const key = `${entry.list} ${entry.sender}`
    if (found.get(key)?.counts !== true) found.set(key, entry)
  }
  return [...found.values()].toSorted((a, b) => (a.sender < b.sender ? -1 : 1))
}

async function set(rows: ListRows, owner: string, { sender, list }: ListEntry): Promise<void> {
  const user = await rows.userOf(owner)
  if (user === undefined) throw noSettings(owner)
  const email = entryKey(sender)
  const wanted: NewRow = { wb: list === 'allow' ? 'W' : 'B', email, priority: priorityOf(email) }
  const present = newest(await rowsFor(rows, user, email))
  if (present === undefined) await rows.add(user, wanted)
  else if (!isAs(present, wanted)) await rows.update(user, present.id, wanted)
  const after = await rowsFor(rows, user, email)
  const kept = newest(after)
  if (kept === undefined || isUnchanged(kept, present, wanted)) throw notStored(email)
  for (const row of after) if (row !== kept) await rows.remove(row)
}

async function remove(rows: ListRows, owner: string, sender: string): Promise<boolean> {
  const user = await rows.userOf(owner)
  if (user === undefined) return false
  const found = await rowsFor(rows, user, entryKey(sender))
  for (const row of found) await rows.remove(row)
  return found.length > 0
}

/** A row of another tool may have the domain as people read it. */
async function rowsFor(rows: ListRows, user: ListUser, email: string): Promise<readonly ListRow[]> {
  const found = await Promise.all(writtenForms(email).map(form => rows.rowsFor(user, form)))
  return found.flat().filter(row => entryKey(row.email) === email)
}

const newest = (rows: readonly ListRow[]): ListRow | undefined =>
  rows.reduce<ListRow | undefined>((best, row) => (best && best.id > row.id ? best : row), undefined)

const isAs = (row: ListRow, wanted: NewRow): boolean =>
  row.isActive && row.wb === wanted.wb && row.email === wanted.email && row.priority === wanted.priority

/** The row is as it was, and not as it was to become. Another writer's words are theirs, and no failure. */
const isUnchanged = (row: ListRow, former: ListRow | undefined, wanted: NewRow): boolean =>
  row.id === former?.id && !isAs(row, wanted) && row.wb === former.wb && row.isActive === former.isActive

/**
 * amavisd takes the entry of the highest priority; of equal ones, whichever the database gives first. The panel proposes
 * 5 for each. So an address comes before what the panel has for its domain, and a domain after what it has for an address.
 */
function priorityOf(email: string): number {
  if (!email.startsWith('@')) return 7
  if (!email.startsWith('@.')) return 4
  return Math.min(3, email.slice(2).split('.').length)
}

const noSettings = (owner: string): CodedError =>
  new CodedError(
    'SENDERS_REFUSED',
    `ISPConfig has no spam filter settings for ${displayText(owner, 255)}, so no list can be kept for it. In the panel, choose a policy for it: Email, Email Mailbox, Spamfilter; for a domain: Email, Spamfilter, User / Domain.`,
  )

const notStored = (email: string): CodedError =>
  new CodedError(
    'SENDERS_REFUSED',
    `ISPConfig took the entry for ${displayText(email, 255)}, but does not have it. Look at it in the panel: Email, Spamfilter.`,
  )
