import { type AuditAction, recordAudit } from '../../ground/audit/record.ts'
import { displayText } from '../../ground/display/text.ts'
import { CodedError, httpStatusOf } from '../../ground/errors.ts'
import type { ListStanding, ListsOfOwner, SenderLists } from '../../ground/senders/sender-lists.ts'
import type { Viewer } from '../../rules/reach/viewer.ts'
import { requireSensible } from '../../rules/senders/require-sensible.ts'
import type { SenderEntry, SenderList } from '../../rules/senders/sender-entry.ts'
import { senderPattern } from '../../rules/senders/sender-pattern.ts'
import { type Owner, requireLists, requireOwner } from './keeper.ts'
import type { SenderDeps } from './sender-deps.ts'

/** An entry that was written. */
export interface WrittenEntry {
  readonly owner: Owner
  readonly entry: SenderEntry
  /** What was there before. */
  readonly former: SenderList | undefined
  readonly standing: ListStanding
}

/** The lists of an owner. @throws CodedError SENDERS_OFF, OUT_OF_REACH, DIRECTORY_UNREACHABLE, SENDERS_UNREACHABLE, SENDERS_REFUSED */
export async function readLists(deps: SenderDeps, viewer: Viewer, owner: string): Promise<ListsOfOwner> {
  const lists = requireLists(deps, viewer)
  return lists.read(await requireOwner(deps, viewer, owner))
}

/**
 * Allows or blocks a sender for an owner. Each attempt leaves an audit row.
 *
 * @throws CodedError as `readLists`; SENDER_INVALID
 */
export async function setEntry(
  deps: SenderDeps,
  viewer: Viewer,
  owner: string,
  entry: SenderEntry,
): Promise<WrittenEntry> {
  return audited(deps, viewer, { action: actionOf(entry.list), owner, sender: entry.sender }, async () => {
    const lists = requireLists(deps, viewer)
    const kept = await requireOwner(deps, viewer, owner)
    return write(deps, lists, kept, entry)
  })
}

/**
 * The same for an owner whose lists the viewer was found to keep.
 *
 * @throws CodedError SENDERS_OFF, OUT_OF_REACH, SENDER_INVALID, SENDERS_UNREACHABLE, SENDERS_REFUSED
 */
export async function setEntryOf(
  deps: SenderDeps,
  viewer: Viewer,
  owner: Owner,
  entry: SenderEntry,
): Promise<WrittenEntry> {
  return audited(deps, viewer, { action: actionOf(entry.list), owner, sender: entry.sender }, async () =>
    write(deps, requireLists(deps, viewer), owner, entry),
  )
}

/** Takes a sender off both lists. @returns whether it was on one. @throws CodedError as `setEntry` */
export async function removeEntry(
  deps: SenderDeps,
  viewer: Viewer,
  owner: string,
  sender: string,
): Promise<boolean> {
  return audited(deps, viewer, { action: 'sender-remove', owner, sender }, async () => {
    const lists = requireLists(deps, viewer)
    // What others have written in a form that matches nothing can be taken off, too.
    return lists.remove(await requireOwner(deps, viewer, owner), sender)
  })
}

/** The same for an owner whose lists the viewer was found to keep. */
export async function removeEntryOf(
  deps: SenderDeps,
  viewer: Viewer,
  owner: Owner,
  sender: string,
): Promise<boolean> {
  return audited(deps, viewer, { action: 'sender-remove', owner, sender }, async () =>
    requireLists(deps, viewer).remove(owner, sender),
  )
}

async function write(
  { mostEntries, ownDomains }: SenderDeps,
  lists: SenderLists,
  owner: Owner,
  entry: SenderEntry,
): Promise<WrittenEntry> {
  const written = { sender: senderPattern(entry.sender), list: entry.list }
  const { sender } = written
  requireSensible(owner, written, ownDomains)
  const { entries, standing } = await lists.read(owner)
  const former = entries.find(one => one.sender === sender)?.list
  if (former === undefined && entries.length >= mostEntries) throw full(owner, entries.length)
  await lists.set(owner, written)
  return { owner, entry: written, former, standing }
}

const full = (owner: Owner, count: number) =>
  new CodedError(
    'SENDER_INVALID',
    `${owner} has ${count} entries, and senders.most allows no more. Remove one of them first.`,
  )

const actionOf = (list: SenderList): AuditAction => (list === 'allow' ? 'sender-allow' : 'sender-block')

interface Attempt {
  readonly action: AuditAction
  readonly owner: string
  readonly sender: string
}

/** Does it, and leaves an audit row of what became of it. */
async function audited<Result extends WrittenEntry | boolean>(
  { state, clock, log }: SenderDeps,
  { actor, ...viewer }: Viewer,
  { action, owner, sender }: Attempt,
  act: () => Promise<Result>,
): Promise<Result> {
  const record = (outcome: string, detail: string) => {
    const recipient = displayText(owner, LONGEST_OWNER)
    const reader = viewer.as === 'reader' ? { reader: viewer.visitor.reader } : {}
    return recordAudit(state, { actor, action, recipient, ...reader, outcome, detail }, clock())
  }
  const named = displayText(sender, LONGEST_SENDER)
  try {
    const result = await act()
    if (typeof result === 'boolean') await record(result ? 'done' : 'unchanged', named)
    else await record('done', result.entry.sender + wasWords(result))
    return result
  } catch (error) {
    const code = error instanceof CodedError ? error.code : 'INTERNAL'
    if (httpStatusOf(code) >= 500)
      log.error({ err: error, code, action, owner, sender: named }, 'the list of a sender was not changed')
    await record(code, named)
    throw error
  }
}

const wasWords = ({ entry, former }: WrittenEntry): string =>
  former === undefined || former === entry.list ? '' : `, was on the other list`

/** The width of the column. */
const LONGEST_OWNER = 320
const LONGEST_SENDER = 320
