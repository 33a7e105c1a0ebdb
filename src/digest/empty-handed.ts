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
  { state: { sql }, retention }: CompileDeps,
  readers: readonly string[],
  now: number,
): Promise<Set<string>> {
  if (readers.length === 0) return new Set()
  const rows = await sql
    .selectFrom('digest_digest as untold')
    .select('untold.reader')
    .where('untold.reader', 'in', readers)
    .where('untold.created_at', '>', now - retention)
    .where('untold.item_count', '>', 0)
    // One that goes out once more was delivered before.
    .where('untold.resent', 'is', null)
    .where(row =>
      row.or([
        row('untold.state', '=', 'pending'),
        row.and([
          row('untold.state', '=', 'dropped'),
          row.not(
            row.exists(
              row
                .selectFrom('digest_digest as later')
                .select('later.digest_id')
                .whereRef('later.reader', '=', 'untold.reader')
                .whereRef('later.created_at', '>', 'untold.created_at')
                .where('later.state', '=', 'sent'),
            ),
          ),
        ]),
      ]),
    )
    .execute()
  return new Set(rows.map(row => row.reader))
}
