import type { Database } from '../../../ground/database/database.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { LeasedDigest } from '../send/outbox.ts'
import { earlierDigests } from '../show/listed-before.ts'
import { isOver, pendingItems, withMail } from './candidates.ts'
import type { CompileDeps } from './compile.ts'

/** Of these readers, those to whom it would be untrue by now to say that there is nothing new. */
export async function notEmptyHanded(
  deps: CompileDeps,
  readers: readonly string[],
  now: number,
): Promise<Set<string>> {
  // In this order: what another process claims meanwhile is seen as waiting, or in a digest.
  const waiting = await whoWaits(deps, readers, now)
  const idle = readers.filter(reader => !waiting.has(reader))
  return waiting.union(await whoIsNotTold(deps, idle, now))
}

/**
 * Of leased digests, the empty ones that would be untrue by now, and why: something has been held since they were made, or
 * another digest is later than they are.
 *
 * @returns by the digest's id
 */
export async function overtakenSince(
  deps: CompileDeps,
  digests: readonly LeasedDigest[],
  now: number,
): Promise<Map<string, string>> {
  const empty = digests.filter(({ itemCount }) => itemCount === 0)
  if (empty.length === 0) return new Map()
  const readers = [...new Set(empty.map(({ reader }) => reader))]
  const told = await notEmptyHanded(deps, readers, now)
  const latest = await latestDigests(deps.state, readers, Math.min(...empty.map(one => one.createdAt)))
  return new Map(
    empty.flatMap(({ digestId, reader, createdAt, resent }) => {
      if (told.has(reader)) return [[digestId, HELD_SINCE]]
      return resent === 0 && (latest.get(reader) ?? 0) > createdAt ? [[digestId, LATER_ONE]] : []
    }),
  )
}

const HELD_SINCE = 'a message was held back before the reader could be told that there was none'
const LATER_ONE = 'a later digest was made before the reader could be told that nothing was held'

/** When the latest digest of each reader was made that was sent or will be, of those made after a time. */
async function latestDigests(
  { sql }: Database<StateTables>,
  readers: readonly string[],
  after: number,
): Promise<Map<string, number>> {
  const rows = await sql
    .selectFrom('digest_digest')
    .select(({ fn }) => ['reader', fn.max('created_at').as('at')])
    .where('reader', 'in', readers)
    .where('created_at', '>', after)
    .where('state', 'in', ['pending', 'sent'])
    .groupBy('reader')
    .execute()
  return new Map(rows.map(row => [row.reader, Number(row.at)]))
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
