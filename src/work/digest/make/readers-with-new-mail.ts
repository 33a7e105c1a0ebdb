import type { Database } from '../../../ground/database/database.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { isOver, pendingItems, withMail } from './candidates.ts'
import type { CompileDeps } from './compile.ts'
import { earlierDigests } from './earlier-digests.ts'

/** Of these readers, those who have new mail after all: to tell them that nothing was held back would be untrue. */
export async function readersWithNewMail(
  deps: CompileDeps,
  readers: readonly string[],
  now: number,
): Promise<Set<string>> {
  // In this order: what another process claims meanwhile is seen as waiting, or in a digest.
  const waiting = await whoWaits(deps, readers, now)
  const idle = readers.filter(reader => !waiting.has(reader))
  return waiting.union(await whoIsNotTold(deps, idle, now))
}

/** Of these readers, those for whom something waits that some digest will list. */
async function whoWaits(deps: CompileDeps, readers: readonly string[], now: number): Promise<Set<string>> {
  const candidates = await withMail(deps.storage, await pendingItems(deps.state, readers))
  const waiting = candidates.filter(candidate => !isOver(candidate, deps, now))
  return new Set(waiting.map(({ item }) => item.reader))
}

/**
 * Of these readers, those for whom messages are in a digest that is on its way, or that an admin has dropped since they
 * got the last one, as long as the quarantine may keep them.
 */
async function whoIsNotTold(
  { state, retention }: CompileDeps,
  readers: readonly string[],
  now: number,
): Promise<Set<string>> {
  if (readers.length === 0) return new Set()
  const after = now - retention
  const untold = await undelivered(state, readers, after)
  const dropped = untold.filter(({ isDropped }) => isDropped).map(({ reader }) => reader)
  const since = (await earlierDigests(state, dropped, after)).filter(({ wasDelivered }) => wasDelivered)
  const wasToldAfter = (one: Undelivered) =>
    since.some(({ reader, createdAt }) => reader === one.reader && createdAt > one.createdAt)
  return new Set(untold.filter(one => !one.isDropped || !wasToldAfter(one)).map(({ reader }) => reader))
}

interface Undelivered {
  readonly reader: string
  readonly createdAt: number
  /** Otherwise it is on its way. */
  readonly isDropped: boolean
}

/** The digests with messages that these readers have not got, of those made after a time. Along `(reader, created_at)`. */
async function undelivered(
  { sql }: Database<StateTables>,
  readers: readonly string[],
  after: number,
): Promise<Undelivered[]> {
  const rows = await sql
    .selectFrom('digest_digest')
    .select(['reader', 'created_at', 'state'])
    .where('reader', 'in', readers)
    .where('created_at', '>', after)
    .where('state', 'in', ['pending', 'dropped'])
    .where('item_count', '>', 0)
    // One that goes out once more was delivered before.
    .where('resent', 'is', null)
    .execute()
  return rows.map(row => ({
    reader: row.reader,
    createdAt: Number(row.created_at),
    isDropped: row.state === 'dropped',
  }))
}
