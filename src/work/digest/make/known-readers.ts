import type { Database } from '../../../ground/database/database.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'

/** How many readers one statement gives. */
const BATCH = 500

/**
 * Walks over all known readers: first those who have had a digest, then those who have settings of their own. A reader
 * may come twice. Each batch is a statement of its own that follows an index, so no cursor stays open.
 */
export async function* knownReaders(state: Database<StateTables>): AsyncGenerator<string[]> {
  yield* walk(last => readersWithDigests(state, last))
  yield* walk(last => readersWithSettings(state, last))
}

async function* walk(readersAfter: (last: string) => Promise<string[]>): AsyncGenerator<string[]> {
  for (let last = ''; ; ) {
    const readers = await readersAfter(last)
    if (readers.length > 0) yield readers
    if (readers.length < BATCH) return
    last = readers.at(-1) ?? ''
  }
}

async function readersWithDigests({ sql }: Database<StateTables>, last: string): Promise<string[]> {
  const rows = await sql
    .selectFrom('digest_digest')
    .select('reader')
    .where('reader', '>', last)
    .groupBy('reader')
    .orderBy('reader')
    .limit(BATCH)
    .execute()
  return rows.map(row => row.reader)
}

async function readersWithSettings({ sql }: Database<StateTables>, last: string): Promise<string[]> {
  const rows = await sql
    .selectFrom('digest_preference')
    .select('scope')
    .where('scope', '>', last)
    // Leaves out the settings of domains and of everybody.
    .where('scope', 'not like', '@%')
    .orderBy('scope')
    .limit(BATCH)
    .execute()
  return rows.map(row => row.scope)
}
