import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createPool, type RowDataPacket } from 'mysql2/promise'
import { asRoot, type MariaDbAddress } from './mariadb.ts'

/** A database with amavis's four tables, and a user with all rights in it. Both are dropped at the end. */
export interface Storage extends AsyncDisposable {
  /** The value for `storage.url` and `state.url`. */
  readonly url: string
  /** The data source for Perl's DBI, for amavisd. */
  readonly dsn: string
  readonly user: string
  readonly password: string
  readonly schema: AmavisSchema
  /** Runs a statement with `?` placeholders. Columns of bytes are returned as text, numbers as numbers. */
  query<Row = Record<string, unknown>>(statement: string, values?: readonly unknown[]): Promise<Row[]>
  /** The columns of all tables, amavis's and ours. */
  columns(): Promise<Column[]>
}

export interface Column {
  readonly place: string
  readonly name: string
  readonly nullable: boolean
}

/** How amavis's schema for one database has differed over the years. */
export interface AmavisSchema {
  /** `mail_id`, `secret_id` and `email` are characters, as before amavisd 2.6, and not octets. */
  readonly characters?: boolean
  /** `time_iso` is a timestamp in MariaDB too. */
  readonly timestamp?: boolean
}

export interface StorageOptions {
  /** Without amavis's tables. */
  readonly empty?: boolean
  /** By default, the schema in the README of amavisd 2.13. */
  readonly schema?: AmavisSchema
  /** The character set or encoding of the database; UTF-8 by default. */
  readonly encoding?: string
  /** Its database, user and password have the same names as there, as on a replica. */
  readonly like?: Pick<Storage, 'user' | 'password'>
}

/** A storage on a server whose admin account the test can use. */
export interface MariaDbStorage extends Storage {
  readonly server: MariaDbAddress
  readonly database: string
}

/** A new database on a running MariaDB. */
export async function createStorage(
  server: MariaDbAddress,
  { empty = false, schema = {}, encoding = 'utf8mb4', like }: StorageOptions = {},
): Promise<MariaDbStorage> {
  const database = like?.user ?? `amavis_${randomBytes(5).toString('hex')}`
  const user = database
  const password = like?.password ?? randomBytes(12).toString('hex')
  await asRoot(server, `CREATE DATABASE ${database} CHARACTER SET ${encoding}`)
  await asRoot(server, `GRANT ALL ON ${database}.* TO ${user}@'127.0.0.1' IDENTIFIED BY '${password}'`)
  if (!empty) await asRoot(server, await tables(schema), database)
  const pool = createPool({
    host: '127.0.0.1',
    port: server.port,
    user,
    password,
    database,
    connectionLimit: 2,
  })
  const query = async <Row>(statement: string, values: readonly unknown[] = []) => {
    const [rows] = await pool.query<RowDataPacket[]>(statement, [...values])
    return Array.isArray(rows) ? decodeRows<Row>(rows) : []
  }
  return {
    server,
    database,
    user,
    password,
    schema,
    url: `mysql://${user}:${password}@127.0.0.1:${server.port}/${database}`,
    dsn: `DBI:mysql:database=${database};host=127.0.0.1;port=${server.port}`,
    query,
    columns: async () =>
      (await query<ColumnRow>(COLUMNS)).map(row => ({ ...row, nullable: row.nullable === 1 })),
    [Symbol.asyncDispose]: async () => {
      await pool.end()
      await asRoot(server, `DROP DATABASE ${database}; DROP USER ${user}@'127.0.0.1'`).catch(ignoreDeadServer)
    },
  }
}

type ColumnRow = Omit<Column, 'nullable'> & { readonly nullable: number }

const COLUMNS = `SELECT table_name AS place, column_name AS name, is_nullable = 'YES' AS nullable
  FROM information_schema.columns WHERE table_schema = DATABASE()`

async function tables({ characters = false, timestamp = false }: AmavisSchema): Promise<string> {
  let statements = await readFile(SCHEMA, 'utf8')
  if (characters) {
    statements = statements
      .replaceAll(/(\w+_id +)varbinary\(16\)/g, '$1char(12)')
      .replaceAll('varbinary', 'varchar')
  }
  if (timestamp) statements = statements.replace(/(time_iso +)char\(16\)/, '$1timestamp')
  return statements
}

const SCHEMA = new URL('amavis-mysql.sql', import.meta.url)

/** Decodes octets as UTF-8, which amavisd writes. */
export const decodeRows = <Row>(rows: readonly object[]): Row[] =>
  rows.map(
    row =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
        ]),
      ) as Row,
  )

/** Ignores the error if a test has stopped its server, because then there is nothing to drop. */
export function ignoreDeadServer(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ECONNREFUSED') throw error
}
