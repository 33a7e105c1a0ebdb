import type { Database } from '../../../ground/database/database.ts'
import { walkByKey } from '../../../ground/database/walk-by-key.ts'
import { ADDRESS_SOURCES, type AddressSource, addressesAfter } from '../../../ground/state/known-addresses.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'

/**
 * Walks over all known readers: first those who have had a digest, then those who have settings of their own. A reader
 * may come twice.
 */
export async function* knownReaders(state: Database<StateTables>): AsyncGenerator<readonly string[]> {
  yield* readersIn(state, ADDRESS_SOURCES.digests)
  yield* readersIn(state, ADDRESS_SOURCES.settings)
}

const readersIn = (state: Database<StateTables>, source: AddressSource): AsyncGenerator<readonly string[]> =>
  walkByKey(async (last, limit) => {
    const rows = await addressesAfter(state, source, last).distinct().limit(limit).execute()
    return rows.map(row => row.reader)
  })
