import type { Kysely, Transaction } from 'kysely'
import type { AmavisTables } from '../amavis/tables.ts'
import type { Item } from '../collect/items.ts'
import { chunks } from '../database/chunks.ts'
import type { Database } from '../database/database.ts'
import { newId } from '../database/id.ts'
import type { StateTables } from '../database/state-tables.ts'
import { inTransaction } from '../database/transaction.ts'
import { readerAddress } from '../directory/reader-address.ts'
import type { ReaderSettings } from '../preferences/settings.ts'
import { passed } from '../steps.ts'
import {
  type Candidate,
  isListable,
  isUndecided,
  type ListingRules,
  pendingItems,
  withMail,
} from './candidates.ts'

export interface CompileDeps extends ListingRules {
  readonly storage: Kysely<AmavisTables>
  readonly state: Database<StateTables>
}

/** What one batch made. */
export interface Compiled {
  readonly digests: number
  readonly items: number
}

/**
 * Claims all that waits for these readers and writes one digest for each, in one transaction: a crash leaves all of
 * it or nothing. A message that was released, marked for deletion or purged since it was collected is dropped;
 * a reader with nothing left gets no digest.
 *
 * @param readers of one batch, with what holds for each
 */
export async function compile(
  deps: CompileDeps,
  runId: string,
  readers: ReadonlyMap<string, ReaderSettings>,
  now: number,
): Promise<Compiled> {
  const waiting = await pendingItems(deps.state, [...readers.keys()])
  const { listed, dropped } = sort(await withMail(deps.storage, waiting), deps, now)
  const batch = { runId, batchId: newId(now) }
  const made = await inTransaction(deps.state, async transaction => {
    const free = await lockPending(deps.state, transaction, [...listed, ...dropped])
    const claimed = listed.filter(item => free.has(item.itemId))
    await dropItems(
      transaction,
      dropped.filter(item => free.has(item.itemId)),
    )
    const byReader = Map.groupBy(claimed, item => item.reader)
    await writeDigests(transaction, batch, byReader, readers, now)
    await claimItems(transaction, batch, claimed)
    return { digests: byReader.size, items: claimed.length }
  })
  if (made.digests > 0) passed('items-claimed')
  return made
}

/** How many digests and items `compile` would make. Changes nothing. */
export async function countCompilable(
  deps: CompileDeps,
  readers: readonly string[],
  now: number,
): Promise<Compiled> {
  const { listed } = sort(await withMail(deps.storage, await pendingItems(deps.state, readers)), deps, now)
  return { digests: new Set(listed.map(item => item.reader)).size, items: listed.length }
}

function sort(
  candidates: readonly Candidate[],
  deps: CompileDeps,
  now: number,
): { listed: Item[]; dropped: Item[] } {
  const listed = candidates.filter(candidate => isListable(candidate, deps, now))
  const dropped = candidates.filter(candidate => !isListable(candidate, deps, now) && !isUndecided(candidate))
  return {
    listed: listed.map(candidate => candidate.item),
    dropped: dropped.map(candidate => candidate.item),
  }
}

interface Batch {
  readonly runId: string
  readonly batchId: string
}

type StateTransaction = Transaction<StateTables>

/** Of these items, those that still wait and that no other process has in hand. */
async function lockPending(
  state: Database<StateTables>,
  transaction: StateTransaction,
  items: readonly Item[],
): Promise<Set<string>> {
  const free = new Set<string>()
  for (const some of chunks(items)) {
    const rows = await state.dialect
      .lockFree(
        transaction
          .selectFrom('digest_item')
          // Not `digest_id is null`: that has an index as well, and SQLite would walk over all that waits each time.
          .select(['item_id', 'digest_id'])
          .where(
            'item_id',
            'in',
            some.map(item => item.itemId),
          ),
      )
      .execute()
    for (const row of rows) if (row.digest_id === null) free.add(row.item_id)
  }
  return free
}

async function dropItems(transaction: StateTransaction, items: readonly Item[]): Promise<void> {
  for (const some of chunks(items)) {
    await transaction
      .deleteFrom('digest_item')
      .where(
        'item_id',
        'in',
        some.map(item => item.itemId),
      )
      .execute()
  }
}

async function writeDigests(
  transaction: StateTransaction,
  batch: Batch,
  byReader: ReadonlyMap<string, readonly Item[]>,
  readers: ReadonlyMap<string, ReaderSettings>,
  now: number,
): Promise<void> {
  const rows = [...byReader].flatMap(([reader, items]) => {
    const settings = readers.get(reader)
    return settings ? [digestRow(batch, reader, items, settings, now)] : []
  })
  for (const some of chunks(rows))
    await transaction
      .insertInto('digest_digest')
      .values([...some])
      .execute()
}

const digestRow = (
  batch: Batch,
  reader: string,
  items: readonly Item[],
  settings: ReaderSettings,
  now: number,
): StateTables['digest_digest'] => ({
  digest_id: newId(now),
  run_id: batch.runId,
  batch_id: batch.batchId,
  reader,
  deliver_to: settings.deliverTo ?? ownSpelling(reader, items),
  language: settings.language,
  time_zone: settings.timeZone,
  item_count: items.length,
  state: 'pending',
  created_at: now,
  attempts: 0,
  next_attempt_at: now,
  lease_owner: null,
  lease_until: null,
  finished_at: null,
  reply: null,
  resent: null,
  resent_at: null,
  canary_at: null,
})

/** The reader's address as amavis spells it: where local parts differ by case, lower case would reach nobody. */
const ownSpelling = (reader: string, items: readonly Item[]): string =>
  items.find(item => readerAddress(item.recipient) === reader)?.recipient ?? reader

/** One statement for all digests of the batch: `(batch_id, reader)` is unique. */
async function claimItems(
  transaction: StateTransaction,
  batch: Batch,
  items: readonly Item[],
): Promise<void> {
  for (const some of chunks(items)) {
    await transaction
      .updateTable('digest_item')
      .set(update => ({
        digest_id: update
          .selectFrom('digest_digest')
          .select('digest_digest.digest_id')
          .where('digest_digest.batch_id', '=', batch.batchId)
          .whereRef('digest_digest.reader', '=', 'digest_item.reader'),
      }))
      .where(
        'item_id',
        'in',
        some.map(item => item.itemId),
      )
      .execute()
  }
}
