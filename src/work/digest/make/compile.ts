import type { Expression, ExpressionBuilder, Kysely, SqlBool, Transaction } from 'kysely'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import { inTransaction } from '../../../ground/database/transaction.ts'
import { canGetMail } from '../../../ground/directory/can-get-mail.ts'
import type { Directory } from '../../../ground/directory/directory.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { CodedError } from '../../../ground/errors.ts'
import { newId } from '../../../ground/state/id.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { BY_HAND, LEFT_OUT } from '../../../ground/state/waiting-items.ts'
import { publishStep } from '../../../ground/steps.ts'
import { copiesBeside, type ReaderSettings } from '../../../rules/settings/reader-settings.ts'
import type { Item } from '../../collect/items.ts'
import {
  isListable,
  isOver,
  type JudgedCandidate,
  judgedCandidates,
  type ListingRules,
  MOST_ITEMS,
  pendingItems,
} from './candidates.ts'
import { type Batch, copyRow, digestRow } from './digest-row.ts'
import { promisedTogether, promisedUntil } from './kept-promises.ts'
import { isLeftOut } from './left-out.ts'
import { delayOf } from './spread.ts'
import { standingsOf } from './standing.ts'
import { ALL_AT_ONCE, messagesToList, type Terms } from './terms.ts'

export interface CompileDeps extends ListingRules {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
  readonly directory: Directory
  /** The lifetime of a link, in milliseconds. */
  readonly lifetime: number
}

/** How many digests one batch made, without their copies, and how many items they hold. */
export interface Compiled {
  readonly digests: number
  readonly items: number
}

/**
 * Claims the waiting items of these readers and writes one digest for each reader, and the copies of each. All of it is
 * one transaction, so a crash leaves everything or nothing. A message that was released, marked for deletion or purged
 * since it was collected is dropped. Mail of blocked senders is left out for readers who want it so. Messages that the
 * terms leave out keep waiting, and so do those that the directory does not give to this reader now. A reader with no
 * messages left gets no digest.
 *
 * @param readers one batch of them, each with the settings that apply
 */
export async function compile(
  deps: CompileDeps,
  runId: string,
  readers: ReadonlyMap<string, ReaderSettings>,
  now: number,
  terms: Terms = ALL_AT_ONCE,
): Promise<Compiled> {
  return claim(deps, runId, await prepare(deps, readers, now, terms), now, terms)
}

/** What `claim` needs to know of a batch of readers: their waiting items, as they were when it was read. */
export interface Prepared extends Sorted {
  readonly readers: ReadonlyMap<string, ReaderSettings>
}

/** The part of `compile` that only reads. */
export const prepare = async (
  deps: CompileDeps,
  readers: ReadonlyMap<string, ReaderSettings>,
  now: number,
  terms: Terms,
): Promise<Prepared> => ({ ...(await sortPending(deps, readers, now, terms)), readers })

/**
 * The part of `compile` that writes. If another process has taken an item to be listed since the batch was read,
 * nothing is written, and the batch is read again: a lock on each item beforehand would cost every run for what hardly
 * happens.
 *
 * @throws CodedError RUN_OVERTAKEN when others were quicker at each attempt
 */
export async function claim(
  deps: CompileDeps,
  runId: string,
  prepared: Prepared,
  now: number,
  terms: Terms,
  attemptsLeft = ATTEMPTS,
): Promise<Compiled> {
  try {
    const made = await inTransaction(deps.state, transaction =>
      write(deps, transaction, runId, prepared, now, terms),
    )
    if (made.digests > 0) publishStep('items-claimed')
    return made
  } catch (error) {
    if (!(error instanceof TakenMeanwhile) || attemptsLeft <= 1) throw error
    const again = await prepare(deps, prepared.readers, now, terms)
    return claim(deps, runId, again, now, terms, attemptsLeft - 1)
  }
}

/** More than two processes hardly ever make digests for the same readers at the same time. */
const ATTEMPTS = 10

/** @throws TakenMeanwhile */
async function write(
  deps: CompileDeps,
  transaction: StateTransaction,
  runId: string,
  { readers, listed, dropped, refused, leftOut }: Prepared,
  now: number,
  terms: Terms,
): Promise<Compiled> {
  const batch = { runId, batchId: newId(now) }
  await dropItems(transaction, dropped)
  await endWaiting(transaction, refused, BY_HAND)
  await endWaiting(transaction, leftOut, LEFT_OUT)
  const byReader = Map.groupBy(listed, item => item.reader)
  await writeDigests(transaction, batch, byReader, readers, now, terms)
  await claimItems(transaction, deps, batch, listed, now)
  await keepForCopies(transaction, listed, readers)
  return { digests: byReader.size, items: listed.length }
}

/** An item that a digest was to list waits no longer. The message is for whoever sees the last attempt fail. */
class TakenMeanwhile extends CodedError {
  constructor() {
    super(
      'RUN_OVERTAKEN',
      'Other processes make digests of the same messages right now, and were quicker each time. Nothing is lost: run it again, or leave what still waits to the next run.',
    )
  }
}

/** A digest that `compile` would make. */
export interface PlannedDigest {
  readonly reader: string
  readonly deliverTo: string
  readonly language: string
  readonly timeZone: string
  readonly messages: number
}

/** The digests that `compile` would make. Changes nothing. */
export async function planDigests(
  deps: CompileDeps,
  readers: ReadonlyMap<string, ReaderSettings>,
  now: number,
  terms: Terms = ALL_AT_ONCE,
): Promise<PlannedDigest[]> {
  const { listed } = await sortPending(deps, readers, now, terms)
  return [...Map.groupBy(listed, item => item.reader)].flatMap(([reader, items]) => {
    const settings = readers.get(reader)
    if (!settings) return []
    const { language, timeZone } = settings
    const deliverTo = settings.deliverTo ?? amavisSpelling(reader, items)
    return [{ reader, deliverTo, language, timeZone, messages: items.length }]
  })
}

/** The pending items that a digest lists, that are dropped, that an admin has refused, and that readers want left out. */
type Sorted = Readonly<Record<'listed' | 'dropped' | 'refused' | 'leftOut', Item[]>>

async function sortPending(
  deps: CompileDeps,
  readers: ReadonlyMap<string, ReaderSettings>,
  now: number,
  terms: Terms,
): Promise<Sorted> {
  const candidates = await judgedCandidates(deps, await pendingItems(deps.state, [...readers.keys()]))
  const {
    unreachable = [],
    offered = [],
    others = [],
  } = Object.groupBy(candidates, candidate => {
    // An earlier version collected mail for addresses that no mail can be sent to.
    if (!canGetMail(candidate.item.reader)) return 'unreachable'
    return isListable(candidate, deps, now) ? 'offered' : 'others'
  })
  const listable = await ofTheirReaders(deps.directory, offered)
  const isLeft = (candidate: JudgedCandidate) => isLeftOut(candidate, readers.get(candidate.item.reader))
  const wanted = listable.filter(candidate => !isLeft(candidate))
  const listed = [...Map.groupBy(wanted, ({ item }) => item.reader).values()].flatMap(ofOneReader =>
    messagesToList(terms, ofOneReader, deps.retention),
  )
  const over = [...unreachable, ...others.filter(candidate => isOver(candidate, deps, now))]
  const { refused = [], dropped = [] } = Object.groupBy(over, ({ asked }) =>
    asked === 'refused' ? 'refused' : 'dropped',
  )
  return {
    listed: itemsOf(listed),
    dropped: itemsOf(dropped),
    refused: itemsOf(refused),
    leftOut: itemsOf(listable.filter(isLeft)),
  }
}

const itemsOf = (candidates: readonly JudgedCandidate[]): Item[] => candidates.map(({ item }) => item)

/** Those of these messages that their readers may be told about. */
export async function ofTheirReaders<Listed extends JudgedCandidate>(
  directory: Directory,
  candidates: readonly Listed[],
): Promise<Listed[]> {
  const standingOf = await standingsOf(
    directory,
    candidates.map(({ item }) => item),
  )
  return candidates.filter(({ item }) => standingOf(item) === 'reads')
}

type StateTransaction = Transaction<StateTables>

/** Items that no longer wait are passed over. */
async function dropItems(transaction: StateTransaction, items: readonly Item[]): Promise<void> {
  for (const chunk of chunks(items, MOST_ITEMS))
    await transaction.deleteFrom('digest_item').where(waitingAmong(chunk)).execute()
}

/**
 * Marks items that no digest lists. Their readers have seen what an admin has refused, and its page says what was
 * decided; what is left out stays in the quarantine's pages. Items that no longer wait are passed over.
 */
async function endWaiting(
  transaction: StateTransaction,
  items: readonly Item[],
  mark: typeof BY_HAND | typeof LEFT_OUT,
): Promise<void> {
  for (const chunk of chunks(items, MOST_ITEMS))
    await transaction.updateTable('digest_item').set({ digest_id: mark }).where(waitingAmong(chunk)).execute()
}

/** The condition that an item is one of these and still waits. */
const waitingAmong =
  (items: readonly Item[]) =>
  (row: ExpressionBuilder<StateTables, 'digest_item'>): Expression<SqlBool> =>
    row.and([
      row(
        'item_id',
        'in',
        items.map(item => item.itemId),
      ),
      // Not `is null`: SQLite would use the index of `digest_id` for that and walk over all pending items each time.
      row(row.fn.coalesce('digest_id', row.val('')), '=', ''),
    ])

async function writeDigests(
  transaction: StateTransaction,
  batch: Batch,
  byReader: ReadonlyMap<string, readonly Item[]>,
  readers: ReadonlyMap<string, ReaderSettings>,
  now: number,
  { spread, evenPaused: isAskedFor }: Terms,
): Promise<void> {
  const rows = [...byReader].flatMap(([reader, items]) => {
    const settings = readers.get(reader)
    if (!settings) return []
    const deliverTo = settings.deliverTo ?? amavisSpelling(reader, items)
    const sendAt = now + delayOf(reader, spread)
    const digest = { reader, settings, deliverTo, messages: items.length, sendAt, isAskedFor }
    const row = digestRow(batch, digest, now)
    return [row, ...copiesBeside(settings, deliverTo).map(address => copyRow(row, address, now))]
  })
  for (const chunk of chunks(rows, MOST_ROWS))
    await transaction
      .insertInto('digest_digest')
      .values([...chunk])
      .execute()
}

/** A new digest has 15 values, and SQLite takes 32,766 in a statement. */
const MOST_ROWS = 2000

/** The reader's address as amavis spells it. Where local parts are case-sensitive, lower case would reach nobody. */
export const amavisSpelling = (reader: string, items: readonly Item[]): string =>
  items.find(item => readerAddress(item.recipient) === reader)?.recipient ?? reader

/**
 * Claims the items for all digests of the batch together; this works because `(batch_id, reader)` is unique. Notes what
 * their links promise: the configuration may change while they are out.
 *
 * @throws TakenMeanwhile
 */
async function claimItems(
  transaction: StateTransaction,
  deps: CompileDeps,
  batch: Batch,
  items: readonly Item[],
  now: number,
): Promise<void> {
  const listings = items.map(item => ({ item, listedAt: now }))
  for (const chunk of promisedTogether(deps, listings)) {
    const { numUpdatedRows } = await transaction
      .updateTable('digest_item')
      .set(update => ({
        digest_id: update
          .selectFrom('digest_digest')
          .select('digest_digest.digest_id')
          .where('digest_digest.batch_id', '=', batch.batchId)
          .whereRef('digest_digest.reader', '=', 'digest_item.reader'),
        promised_until: promisedUntil(deps, chunk),
      }))
      .where(waitingAmong(chunk.map(({ item }) => item)))
      .executeTakeFirst()
    if (numUpdatedRows !== BigInt(chunk.length)) throw new TakenMeanwhile()
  }
}

/** Records by which digest the items were claimed, where that has copies: they outlive a digest that fails. */
async function keepForCopies(
  transaction: StateTransaction,
  items: readonly Item[],
  readers: ReadonlyMap<string, ReaderSettings>,
): Promise<void> {
  const copied = items.filter(({ reader }) => (readers.get(reader)?.copyTo.length ?? 0) > 0)
  for (const chunk of chunks(copied, MOST_ITEMS)) {
    await transaction
      .updateTable('digest_item')
      .set(({ ref }) => ({ listed_in: ref('digest_id') }))
      .where(
        'item_id',
        'in',
        chunk.map(item => item.itemId),
      )
      .execute()
  }
}
