import { asRoot, startMariaDb } from '../servers/mariadb.ts'
import { createStorage, type Storage } from '../servers/storage.ts'

/** A database that can be broken. */
export interface ChaosDatabase extends AsyncDisposable {
  readonly storage: Storage
  /** Undefined where there is no server: SQLite. */
  readonly server: BreakableServer | undefined
  /** Ends the connections of everybody who works on it, in the middle of what they do. */
  breakConnections(): Promise<void>
  /** Lets no write succeed until the returned value is disposed. */
  refuseWrites(): Promise<AsyncDisposable>
}

export interface BreakableServer {
  stop(): Promise<void>
  kill(): Promise<void>
  start(): Promise<void>
}

export type DatabaseKind = 'mariadb' | 'postgres' | 'sqlite'

export const DATABASE_KINDS: readonly DatabaseKind[] = ['mariadb']

/** Starts a server of its own with amavis's tables. */
export function startDatabase(kind: DatabaseKind): Promise<ChaosDatabase> {
  switch (kind) {
    case 'mariadb':
      return mariaDb()
    case 'postgres':
    case 'sqlite':
      throw new Error(`${kind} is not here yet`)
  }
}

async function mariaDb(): Promise<ChaosDatabase> {
  const stack = new AsyncDisposableStack()
  const server = stack.use(await startMariaDb())
  const storage = stack.use(await createStorage(server))
  const users = `user = '${storage.user}'`
  return {
    storage,
    server,
    breakConnections: async () => {
      const rows = await asRoot(server, `SELECT id FROM information_schema.processlist WHERE ${users}`)
      // A connection that has ended meanwhile cannot be killed any more.
      for (const { id } of rows) await asRoot(server, `KILL ${id}`).catch(() => undefined)
    },
    refuseWrites: async () => {
      await asRoot(server, 'SET GLOBAL read_only = 1')
      return { [Symbol.asyncDispose]: async () => void (await asRoot(server, 'SET GLOBAL read_only = 0')) }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
