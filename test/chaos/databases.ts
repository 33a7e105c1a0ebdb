import { DatabaseSync } from 'node:sqlite'
import { patiently } from '../../src/ground/database/sqlite-patience.ts'
import { asRoot, startMariaDb } from '../servers/mariadb.ts'
import { asPostgres, startPostgres } from '../servers/postgres.ts'
import { createPostgresStorage } from '../servers/postgres-storage.ts'
import { createSqliteStorage } from '../servers/sqlite-storage.ts'
import { createStorage, type Storage } from '../servers/storage.ts'

/** A database that can be broken. */
export interface ChaosDatabase extends AsyncDisposable {
  readonly storage: Storage
  /** Undefined for SQLite, which has no server. */
  readonly server: DatabaseServer | undefined
  /** Makes all writes fail until the returned value is disposed. */
  refuseWrites(): Promise<AsyncDisposable>
}

export interface BreakableServer {
  stop(): Promise<void>
  kill(): Promise<void>
  start(): Promise<void>
}

export interface DatabaseServer extends BreakableServer {
  /** Breaks all connections, whatever they are doing. */
  breakConnections(): Promise<void>
}

export type DatabaseKind = 'mariadb' | 'postgres' | 'sqlite'

export const DATABASE_KINDS: readonly DatabaseKind[] = ['mariadb', 'postgres', 'sqlite']

/** Starts a server of its own with amavis's tables. */
export function startDatabase(kind: DatabaseKind): Promise<ChaosDatabase> {
  switch (kind) {
    case 'mariadb':
      return mariaDb()
    case 'postgres':
      return postgres()
    case 'sqlite':
      return sqlite()
  }
}

async function mariaDb(): Promise<ChaosDatabase> {
  const stack = new AsyncDisposableStack()
  const server = stack.use(await startMariaDb())
  const storage = stack.use(await createStorage(server))
  const connections = `SELECT id FROM information_schema.processlist WHERE user = '${storage.user}'`
  return {
    storage,
    server: {
      ...server,
      breakConnections: async () => {
        // A connection that has ended meanwhile can no longer be killed.
        for (const { id } of await asRoot(server, connections)) {
          await asRoot(server, `KILL ${id}`).catch(() => undefined)
        }
      },
    },
    refuseWrites: async () => {
      await asRoot(server, 'SET GLOBAL read_only = 1')
      return { [Symbol.asyncDispose]: async () => void (await asRoot(server, 'SET GLOBAL read_only = 0')) }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

async function postgres(): Promise<ChaosDatabase> {
  const stack = new AsyncDisposableStack()
  const server = stack.use(await startPostgres())
  const storage = stack.use(await createPostgresStorage(server))
  const readOnly = async (value: 'on' | 'off') => {
    await asPostgres(server, `ALTER SYSTEM SET default_transaction_read_only = ${value}`)
    await asPostgres(server, 'SELECT pg_reload_conf()')
  }
  const endAll = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${storage.user}'`
  return {
    storage,
    server: { ...server, breakConnections: async () => void (await asPostgres(server, endAll)) },
    refuseWrites: async () => {
      await readOnly('on')
      return { [Symbol.asyncDispose]: () => readOnly('off') }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** Writes fail when another process holds the lock for longer than the program waits. */
async function sqlite(): Promise<ChaosDatabase> {
  const storage = await createSqliteStorage()
  const { pathname } = new URL(storage.url)
  return {
    storage,
    server: undefined,
    refuseWrites: async () => {
      const holder = new DatabaseSync(pathname, { timeout: 0 })
      await patiently(() => holder.exec('BEGIN EXCLUSIVE'), LOCK_WITHIN)
      return { [Symbol.asyncDispose]: async () => holder.close() }
    },
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  }
}

/** Milliseconds. */
const LOCK_WITHIN = 10_000
