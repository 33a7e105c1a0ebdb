import { randomBytes } from 'node:crypto'
import { asPostgres, type PostgresAddress } from './postgres.ts'

/** An empty database and a user who may do everything in it. Dropped at the end. */
export interface PostgresDatabase extends AsyncDisposable {
  readonly server: PostgresAddress
  readonly database: string
  readonly user: string
  readonly password: string
  /** For `storage.url` and `state.url`. */
  readonly url: string
}

export async function createPostgresDatabase(server: PostgresAddress): Promise<PostgresDatabase> {
  const database = `amavis_${randomBytes(5).toString('hex')}`
  const user = database
  const password = randomBytes(12).toString('hex')
  await asPostgres(server, `CREATE ROLE ${user} LOGIN PASSWORD '${password}'`)
  await asPostgres(server, `CREATE DATABASE ${database} OWNER ${user}`)
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

/** A test that stopped its server leaves nothing to drop. */
function ignoreDeadServer(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ECONNREFUSED') throw error
}
