import type { Database } from '../../ground/database/database.ts'
import { walkByKey } from '../../ground/database/walk-by-key.ts'
import type { Directory } from '../../ground/directory/directory.ts'
import { answersFor } from '../../ground/directory/readers-of.ts'
import { ADDRESS_SOURCES, addressesAfter } from '../../ground/state/known-addresses.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

/** Settings of an address that has no digests of its own, such as an alias: they change nothing. */
export interface SettingsWithoutReader {
  readonly scope: string
  /** Who reads its mail, and has settings of their own; empty: nobody here. */
  readonly readers: readonly string[]
}

export interface SettingsWithoutReaderDeps {
  readonly state: Database<StateTables>
  readonly directory: Directory
}

/**
 * The settings of addresses that, as the directory says, do not read their own mail, in the order of the addresses. A
 * mailbox that is switched off keeps its settings, and is not among them; nor is an address about which there is no
 * answer now.
 */
export async function settingsWithoutReader({
  state,
  directory,
}: SettingsWithoutReaderDeps): Promise<SettingsWithoutReader[]> {
  const found: SettingsWithoutReader[] = []
  for await (const scopes of scopesOfAddresses(state)) {
    const answers = await answersFor(directory, scopes)
    for (const scope of scopes) {
      const readers = answers.get(scope)?.readers.map(({ address }) => address)
      if (readers && !readers.includes(scope)) found.push({ scope, readers })
    }
  }
  return found
}

const scopesOfAddresses = (state: Database<StateTables>): AsyncGenerator<readonly string[]> =>
  walkByKey(async (last, limit) => {
    const rows = await addressesAfter(state, ADDRESS_SOURCES.settings, last).limit(limit).execute()
    return rows.map(row => row.reader)
  })
