import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createPool, type RowDataPacket } from 'mysql2/promise'
import { asRoot, type MariaDbAddress } from './mariadb.ts'

/** A database with amavis's four tables, and a user who may do everything in it. */
export interface Storage extends AsyncDisposable {
  readonly server: MariaDbAddress
  readonly database: string
  readonly user: string
  readonly password: string
  /** For `storage.url` and `state.url`. */
  readonly url: string
  /** Runs a statement with `?` placeholders. */
  query<Row = Record<string, unknown>>(statement: string, values?: readonly unknown[]): Promise<Row[]>
}

/** A new database on a running server, with amavis's schema unless `empty`. Dropped at the end. */
export async function createStorage(server: MariaDbAddress, { empty = false } = {}): Promise<Storage> {
  const database = `amavis_${randomBytes(5).toString('hex')}`
  const user = database
  const password = randomBytes(12).toString('hex')
  await asRoot(server, `CREATE DATABASE ${database} CHARACTER SET utf8mb4`)
  await asRoot(server, `GRANT ALL ON ${database}.* TO ${user}@'127.0.0.1' IDENTIFIED BY '${password}'`)
  if (!empty) await asRoot(server, await readFile(SCHEMA, 'utf8'), database)
  const pool = createPool({
    host: '127.0.0.1',
    port: server.port,
    user,
    password,
    database,
    connectionLimit: 2,
  })
  return {
    server,
    database,
    user,
    password,
    url: `mysql://${user}:${password}@127.0.0.1:${server.port}/${database}`,
    query: async <Row>(statement: string, values: readonly unknown[] = []) => {
      const [rows] = await pool.query<RowDataPacket[]>(statement, [...values])
      return rows as Row[]
    },
    [Symbol.asyncDispose]: async () => {
      await pool.end()
      await asRoot(server, `DROP DATABASE ${database}; DROP USER ${user}@'127.0.0.1'`).catch(ignoreDeadServer)
    },
  }
}

const SCHEMA = new URL('amavis-mysql.sql', import.meta.url)

/** A test that stopped its server leaves nothing to drop. */
function ignoreDeadServer(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ECONNREFUSED') throw error
}
