import type { Database } from '../../../ground/database/database.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { CompileDeps } from '../make/compile.ts'
import { readersWithNewMail } from '../make/readers-with-new-mail.ts'
import type { LeasedDigest } from './outbox.ts'

/**
 * Finds the empty digests that are no longer true, and says why: a message has been held since they were made, or a
 * later digest has been made.
 *
 * @returns the reasons by the digest's id
 */
export async function untrueEmptyDigests(
  deps: CompileDeps,
  digests: readonly LeasedDigest[],
  now: number,
): Promise<Map<string, string>> {
  const empty = digests.filter(({ itemCount }) => itemCount === 0)
  if (empty.length === 0) return new Map()
  const readers = [...new Set(empty.map(({ reader }) => reader))]
  const withNewMail = await readersWithNewMail(deps, readers, now)
  const oldest = Math.min(...empty.map(({ createdAt }) => createdAt))
  const latest = await latestDigests(deps.state, readers, oldest)
  return new Map(
    empty.flatMap(({ digestId, reader, createdAt, resent }) => {
      if (withNewMail.has(reader)) return [[digestId, HELD_SINCE]]
      return resent === 0 && (latest.get(reader) ?? 0) > createdAt ? [[digestId, LATER_ONE]] : []
    }),
  )
}

const HELD_SINCE = 'a message was held back before the reader could be told that there was none'
const LATER_ONE = 'a later digest was made before the reader could be told that nothing was held'

/** By reader, when the latest digest was made that is sent or pending, among those made after a time. */
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
