import type { Database } from '../../../ground/database/database.ts'
import { walkByKey } from '../../../ground/database/walk-by-key.ts'
import type { Directory } from '../../../ground/directory/directory.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { findUnlessAway } from '../../../ground/directory/unless-away.ts'
import { ADDRESS_SOURCES, addressesAfter } from '../../../ground/state/known-addresses.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'

/** Settings of an address that does not read its own mail: no digest follows them. */
export interface IdleSettings {
  readonly scope: string
  /** Who reads its mail, and whom the settings should be given to; empty: nobody. */
  readonly readers: readonly string[]
}

/**
 * Finds the settings of addresses that do not read their own mail, such as aliases that had digests of their own before
 * the directory was configured. An address about which the directory does not answer is left out.
 */
export async function settingsWithoutReader(
  state: Database<StateTables>,
  directory: Directory,
): Promise<IdleSettings[]> {
  const idle: IdleSettings[] = []
  for await (const scopes of readersWithSettings(state)) {
    // A row that somebody wrote under another spelling is never used, whoever reads the address.
    const answers = await findUnlessAway(
      directory,
      scopes.filter(scope => readerAddress(scope) === scope),
    )
    for (const scope of scopes) {
      const readers = answers.get(scope)?.readers.map(({ address }) => address)
      if (readers && !readers.includes(scope)) idle.push({ scope, readers })
    }
  }
  return idle
}

const readersWithSettings = (state: Database<StateTables>): AsyncGenerator<readonly string[]> =>
  walkByKey(async (last, limit) => {
    const rows = await addressesAfter(state, ADDRESS_SOURCES.settings, last).limit(limit).execute()
    return rows.map(row => row.reader)
  })
