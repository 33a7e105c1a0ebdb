import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { asPostgres, type PostgresAddress } from './postgres.ts'
import {
  type AmavisSchema,
  type Column,
  decodeRows,
  ignoreDeadServer,
  type Storage,
  type StorageOptions,
} from './storage.ts'

/** A storage on a server whose admin account the test can use. */
export interface PostgresStorage extends Storage {
  readonly server: PostgresAddress
  readonly database: string
}

/** A new database on a running PostgreSQL. */
export async function createPostgresStorage(
  server: PostgresAddress,
  { empty = false, schema = {}, encoding, like }: StorageOptions = {},
): Promise<PostgresStorage> {
  const database = like?.user ?? `amavis_${randomBytes(5).toString('hex')}`
  const user = database
  const password = like?.password ?? randomBytes(12).toString('hex')
  await asPostgres(server, `CREATE ROLE ${user} LOGIN PASSWORD '${password}'`)
  await asPostgres(server, `CREATE DATABASE ${database} OWNER ${user} ${encoding ? encoded(encoding) : ''}`)
  const pool = new pg.Pool({
    host: '127.0.0.1',
    port: server.port,
    user,
    password,
    database,
    max: 2,
    types: {
      getTypeParser: (type, format) => (type === BIGINT ? Number : pg.types.getTypeParser(type, format)),
    },
  })
  // A test that stops the server also breaks idle connections.
  pool.on('error', () => undefined)
  if (!empty) await pool.query(await tables(schema))
  const query = async <Row>(statement: string, values: readonly unknown[] = []) =>
    decodeRows<Row>((await pool.query(numbered(statement), [...values])).rows)
  return {
    server,
    database,
    user,
    password,
    schema,
    url: `postgres://${user}:${password}@127.0.0.1:${server.port}/${database}`,
    dsn: `DBI:Pg:database=${database};host=127.0.0.1;port=${server.port}`,
    query,
    columns: () => query<Column>(COLUMNS),
    [Symbol.asyncDispose]: async () => {
      await pool.end()
      await asPostgres(server, `DROP DATABASE ${database} WITH (FORCE)`)
        .then(() => asPostgres(server, `DROP ROLE ${user}`))
        .catch(ignoreDeadServer)
    },
  }
}

const encoded = (encoding: string) =>
  `TEMPLATE template0 ENCODING '${encoding}' LOCALE 'C' LOCALE_PROVIDER libc`

/** The number of the type in pg_type. The driver returns it as text by default. */
const BIGINT = 20

const COLUMNS = `SELECT table_name AS place, column_name AS name, is_nullable = 'YES' AS nullable
  FROM information_schema.columns WHERE table_schema = current_schema()`

/** Numbers the placeholders, as PostgreSQL requires. */
function numbered(statement: string): string {
  let count = 0
  return statement.replaceAll('?', () => `$${++count}`)
}

async function tables({ characters = false }: AmavisSchema): Promise<string> {
  const statements = await readFile(SCHEMA, 'utf8')
  if (!characters) return statements
  return statements.replaceAll(/(\w+_id +)bytea/g, '$1char(12)').replace(/(email +)bytea/, '$1varchar(255)')
}

const SCHEMA = new URL('amavis-pg.sql', import.meta.url)
