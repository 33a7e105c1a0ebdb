import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { asPostgres, type PostgresAddress } from './postgres.ts'

/** A database and a user who owns it. Dropped at the end. */
export interface PostgresDatabase extends AsyncDisposable {
  readonly server: PostgresAddress
  readonly database: string
  readonly user: string
  readonly password: string
  /** For `storage.url` and `state.url`. */
  readonly url: string
}

/** A new database on a running server, with amavis's schema unless `empty`. */
export async function createPostgresDatabase(
  server: PostgresAddress,
  { empty = true } = {},
): Promise<PostgresDatabase> {
  const database = `amavis_${randomBytes(5).toString('hex')}`
  const user = database
  const password = randomBytes(12).toString('hex')
  await asPostgres(server, `CREATE ROLE ${user} LOGIN PASSWORD '${password}'`)
  await asPostgres(server, `CREATE DATABASE ${database} OWNER ${user}`)
  if (!empty) {
    await asPostgres(server, `SET ROLE ${user}; ${await readFile(SCHEMA, 'utf8')}`, database)
  }
  return {
    server,
    database,
    user,
    password,
    url: `postgres://${user}:${password}@127.0.0.1:${server.port}/${database}`,
    [Symbol.asyncDispose]: async () => {
      await asPostgres(server, `DROP DATABASE ${database} WITH (FORCE)`).catch(ignoreDeadServer)
      await asPostgres(server, `DROP ROLE ${user}`).catch(ignoreDeadServer)
    },
  }
}

const SCHEMA = new URL('amavis-postgres.sql', import.meta.url)

/** A test that stopped its server leaves nothing to drop. */
function ignoreDeadServer(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ECONNREFUSED') throw error
}
