import type { AmavisTables } from '../src/ground/amavis/tables.ts'
import { connect } from '../src/ground/database/connect.ts'
import type { StateTables } from '../src/ground/state/state-tables.ts'
import { collect } from '../src/work/collect/collect.ts'
import { asRoot } from '../test/servers/mariadb.ts'
import type { MariaDbStorage } from '../test/servers/storage.ts'
import { COLLECTING } from './collecting-settings.ts'
import { type EvenVolume, fillEvenly } from './fill-evenly.ts'
import { startDatabase } from './servers.ts'

/** A private MariaDB in which each reader waits for a digest of so many messages; `restoreItems` has them wait again. */
export async function startWaiting(stack: AsyncDisposableStack, volume: EvenVolume): Promise<MariaDbStorage> {
  const database = await startDatabase(stack)
  await fillEvenly(database, volume)
  await collectAll(database)
  await keepItems(database)
  return database
}

/** Makes an item of each held message. */
async function collectAll({ url }: MariaDbStorage): Promise<void> {
  await using storage = connect<AmavisTables>('storage', url)
  await using state = connect<StateTables>('state', url)
  const deps = {
    storage: storage.sql,
    state,
    ...COLLECTING,
  } as const
  await collect(deps, Date.now())
}

/** Keeps the items in a table beside, for `restoreItems`. */
const keepItems = (database: MariaDbStorage): Promise<unknown> =>
  asRoot(
    database.server,
    `CREATE TABLE kept_items LIKE digest_item; INSERT INTO kept_items SELECT * FROM digest_item`,
    database.database,
  )

/** Begins anew: no digest has been made yet, and all items wait. */
export const restoreItems = (database: MariaDbStorage): Promise<unknown> =>
  asRoot(
    database.server,
    `TRUNCATE digest_item; TRUNCATE digest_digest; TRUNCATE digest_run;
     INSERT INTO digest_item SELECT * FROM kept_items; ANALYZE TABLE digest_item, digest_digest`,
    database.database,
  )
