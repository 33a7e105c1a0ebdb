import type { Database } from '../../../ground/database/database.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { isOver, judgedCandidates, pendingItems } from './candidates.ts'
import type { CompileDeps } from './compile.ts'
import { earlierDigests } from './earlier-digests.ts'
import { standingsOf } from './standing.ts'

/** Those of these readers who have new mail: it would be untrue to tell them that nothing was held back. */
export async function readersWithNewMail(
  deps: CompileDeps,
  readers: readonly string[],
  now: number,
): Promise<Set<string>> {
  // The order matters: an item that another process claims meanwhile is seen as pending, or else in a digest.
  const withPending = await readersWithPendingMail(deps, readers, now)
  const others = readers.filter(reader => !withPending.has(reader))
  return withPending.union(await readersWithUndeliveredMail(deps, others, now))
}

/**
 * Those of these readers who have pending items that some digest will list. The directory may give an item to somebody
 * else by now; without an answer, it may still be the reader's.
 */
async function readersWithPendingMail(
  deps: CompileDeps,
  readers: readonly string[],
  now: number,
): Promise<Set<string>> {
  const candidates = await judgedCandidates(deps, await pendingItems(deps.state, readers))
  const waiting = candidates.filter(candidate => !isOver(candidate, deps, now)).map(({ item }) => item)
  const standingOf = await standingsOf(deps.directory, waiting)
  return new Set(waiting.filter(item => standingOf(item) !== 'does not read').map(({ reader }) => reader))
}

/**
 * Those of these readers who have messages in a digest that is on its way, or that an admin has dropped since they last
 * got one. Digests whose messages must have left the quarantine by now do not count.
 */
async function readersWithUndeliveredMail(
  { state, retention }: CompileDeps,
  readers: readonly string[],
  now: number,
): Promise<Set<string>> {
  if (readers.length === 0) return new Set()
  const after = now - retention.longest
  const undelivered = await undeliveredDigests(state, readers, after)
  const readersWithDropped = undelivered.filter(({ isDropped }) => isDropped).map(({ reader }) => reader)
  const earlier = await earlierDigests(state, readersWithDropped, after)
  const delivered = earlier.filter(({ wasDelivered }) => wasDelivered)
  const gotALaterOne = (digest: UndeliveredDigest) =>
    delivered.some(({ reader, createdAt }) => reader === digest.reader && createdAt > digest.createdAt)
  const unknown = undelivered.filter(digest => !digest.isDropped || !gotALaterOne(digest))
  return new Set(unknown.map(({ reader }) => reader))
}

interface UndeliveredDigest {
  readonly reader: string
  readonly createdAt: number
  /** False while it is on its way. */
  readonly isDropped: boolean
}

/**
 * The digests with messages that these readers have not got, among those made after a time. Uses the index
 * `(reader, created_at)`.
 */
async function undeliveredDigests(
  { sql }: Database<StateTables>,
  readers: readonly string[],
  after: number,
): Promise<UndeliveredDigest[]> {
  const rows = await sql
    .selectFrom('digest_digest')
    .select(['reader', 'created_at', 'state'])
    .where('reader', 'in', readers)
    .where('created_at', '>', after)
    .where('state', 'in', ['pending', 'dropped'])
    .where('item_count', '>', 0)
    .where('copy_of', 'is', null)
    // A digest that is being resent was delivered before.
    .where('resent', 'is', null)
    .execute()
  return rows.map(row => ({
    reader: row.reader,
    createdAt: Number(row.created_at),
    isDropped: row.state === 'dropped',
  }))
}
