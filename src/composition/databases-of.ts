import type { AmavisTables } from '../ground/amavis/tables.ts'
import type { Config } from '../ground/config/schema.ts'
import { connect } from '../ground/database/connect.ts'
import type { Database } from '../ground/database/database.ts'
import type { StateTables } from '../ground/state/state-tables.ts'

export interface Databases {
  /** The database with amavis's tables. */
  readonly storage: Database<AmavisTables>
  /** The database with our own tables: the same one, unless the configuration names another. */
  readonly state: Database<StateTables>
}

/** The databases of the configuration. Connections are made on first use. */
export function databasesOf(config: Config, stack: AsyncDisposableStack): Databases {
  const storage = stack.use(connect<AmavisTables>('storage', config.storage.url, config.storage))
  const url = config.state.url ?? config.storage.url
  if (url !== config.storage.url)
    return { storage, state: stack.use(connect<StateTables>('state', url, config.state)) }
  // One connection for one file: two connections in one process would wait for each other's SQLite locks forever.
  return { storage, state: storage as unknown as Database<StateTables> }
}

/** How busy the connection pool of each database is. */
export function poolsOf({ storage, state }: Databases) {
  const databases = { storage, ...(state.sql === storage.sql ? {} : { state }) }
  const pools = Object.entries<Pick<Database<unknown>, 'pool'>>(databases).map(
    ([role, { pool }]) => [role, pool?.()] as const,
  )
  return Object.fromEntries(pools.flatMap(([role, figures]) => (figures ? [[role, figures]] : [])))
}
