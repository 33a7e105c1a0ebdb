import type { Database } from '../../../ground/database/database.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { CompileDeps } from '../make/compile.ts'
import { readersWithNewMail } from '../make/readers-with-new-mail.ts'
import type { LeasedDigest } from './outbox.ts'

/**
 * Of leased digests, the empty ones that would be untrue by now, and why: something has been held since they were made, or
 * another digest is later than they are.
 *
 * @returns by the digest's id
 */
export async function untrueEmptyDigests(
  deps: CompileDeps,
  digests: readonly LeasedDigest[],
  now: number,
): Promise<Map<string, string>> {
  const empty = digests.filter(({ itemCount }) => itemCount === 0)
  if (empty.length === 0) return new Map()
  const readers = [...new Set(empty.map(({ reader }) => reader))]
  const told = await readersWithNewMail(deps, readers, now)
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
