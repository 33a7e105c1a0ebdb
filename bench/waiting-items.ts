import { pino } from 'pino'
import type { AmavisTables } from '../src/ground/amavis/tables.ts'
import { connect } from '../src/ground/database/connect.ts'
import { addresses } from '../src/ground/directory/addresses.ts'
import { DAY, MINUTE } from '../src/ground/durations.ts'
import type { StateTables } from '../src/ground/state/state-tables.ts'
import { collect } from '../src/work/collect/collect.ts'
import { SILENT_METER } from '../test/embedded/silent-meter.ts'
import { asRoot } from '../test/servers/mariadb.ts'
import type { MariaDbStorage } from '../test/servers/storage.ts'

/** Makes an item of each held message. */
export async function collectAll({ url }: MariaDbStorage): Promise<void> {
  await using storage = connect<AmavisTables>('storage', url)
  await using state = connect<StateTables>('state', url)
  const deps = {
    storage: storage.sql,
    state,
    directory: addresses(''),
    filter: { localOnly: true, excludedKinds: ['virus'] },
    overlap: 15 * MINUTE,
    initial: DAY,
    domain: 'example.com',
    meter: SILENT_METER,
    log: pino({ level: 'silent' }),
  } as const
  await collect(deps, Date.now())
}

/** Keeps the items in a table beside, for `restoreItems`. */
export const keepItems = (database: MariaDbStorage): Promise<unknown> =>
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
