import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { connect } from '../../src/ground/database/connect.ts'
import {
  type AmavisDirectoryOptions,
  amavisDirectory,
} from '../../src/ground/directory/amavis/amavis-directory.ts'
import type { UsersTables } from '../../src/ground/directory/amavis/users-table.ts'
import type { Directory } from '../../src/ground/directory/directory.ts'
import { sqlDirectory } from '../../src/ground/directory/sql/sql-directory.ts'
import type { DirectoryMaker, MadeDirectory } from '../contracts/directory.ts'
import { temporaryFolder } from '../temporary-folder.ts'

/** A new and empty database for the tables of a directory. */
export interface TablesDatabase extends AsyncDisposable {
  readonly url: string
  /** Runs a statement with `?` placeholders. */
  query(statement: string, values?: readonly unknown[]): Promise<unknown>
}

export async function sqliteTables(): Promise<TablesDatabase> {
  const file = `${temporaryFolder()}/directory.sqlite`
  const database = new DatabaseSync(file)
  // SQLite makes the file when it first writes.
  database.exec('pragma user_version = 1')
  return {
    url: `sqlite://${file}`,
    query: async (statement, values = []) => database.prepare(statement).all(...(values as SQLInputValue[])),
    [Symbol.asyncDispose]: async () => database.close(),
  }
}

/** What a directory is opened with, as in the composition root. */
const OPEN = { connections: 2, isReadOnly: true, statementTimeout: 5_000 }

/** @param email the type of the column `users.email` */
export const amavisMaker = (
  name: string,
  email: string,
  open: () => Promise<TablesDatabase>,
): DirectoryMaker => ({
  name,
  lacks: ['aliases', 'off', 'languages'],
  async make({ mailboxes, recipientDelimiter = '' }) {
    const tables = await open()
    await createUsers(tables, email)
    // As amavisd demands it: in lower case. PostgreSQL reads backslashes in a text for octets.
    const isOctets = email === 'bytea'
    for (let start = 0; start < mailboxes.length; start += 100)
      await addUsers(
        tables,
        mailboxes.slice(start, start + 100).map(({ address, name: fullname }, index) => ({
          id: start + index + 1,
          email: isOctets ? Buffer.from(address.toLowerCase()) : address.toLowerCase(),
          fullname,
        })),
      )
    return opened(tables, amavisOn(tables, { recipientDelimiter }))
  },
})

export const createUsers = (tables: TablesDatabase, email: string, more = ''): Promise<unknown> =>
  tables.query(`CREATE TABLE users (id integer NOT NULL PRIMARY KEY, priority integer NOT NULL DEFAULT 7,
    policy_id integer NOT NULL DEFAULT 1, email ${email} NOT NULL UNIQUE, fullname varchar(255) DEFAULT NULL ${more})`)

export interface SampleUser {
  readonly id: number
  readonly email: string | Buffer
  readonly fullname?: string | undefined
  readonly priority?: number
  /** Only where the table has the column. */
  readonly local?: string | null
}

export async function addUsers(tables: TablesDatabase, users: readonly SampleUser[]): Promise<void> {
  const hasLocal = users.some(({ local }) => local !== undefined)
  const rows = users.map(({ id, priority = 7, email, fullname = null, local = null }) => [
    ...[id, priority, email, fullname],
    ...(hasLocal ? [local] : []),
  ])
  const places = rows.map(row => `(${row.map(() => '?').join(', ')})`)
  await tables.query(
    `INSERT INTO users (id, priority, email, fullname ${hasLocal ? ', local' : ''}) VALUES ${places.join(', ')}`,
    rows.flat(),
  )
}

export function amavisOn(
  tables: TablesDatabase,
  options: Partial<AmavisDirectoryOptions> = {},
): ClosableDirectory {
  const database = connect<UsersTables>('directory', tables.url, OPEN)
  const directory = amavisDirectory(database, { recipientDelimiter: '', outsideReaders: [], ...options })
  return { ...directory, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() }
}

/** The tables of a mail server with mailboxes and aliases, such as many have. */
export const sqlMaker = (name: string, open: () => Promise<TablesDatabase>): DirectoryMaker => ({
  name,
  lacks: ['off'],
  async make({ mailboxes, aliases = {}, recipientDelimiter = '' }) {
    const tables = await open()
    await tables.query(
      'CREATE TABLE mailbox (address varchar(250) NOT NULL PRIMARY KEY, owner varchar(250), lang varchar(40))',
    )
    await tables.query('CREATE TABLE alias (address varchar(250) NOT NULL, goto varchar(250) NOT NULL)')
    for (let start = 0; start < mailboxes.length; start += 100) {
      const rows = mailboxes.slice(start, start + 100)
      await tables.query(
        `INSERT INTO mailbox (address, owner, lang) VALUES ${rows.map(() => '(?, ?, ?)').join(', ')}`,
        rows.flatMap(box => [box.address, box.name ?? null, box.language ?? null]),
      )
    }
    for (const [address, readers] of Object.entries(aliases))
      for (const reader of readers) await tables.query('INSERT INTO alias VALUES (?, ?)', [address, reader])
    return opened(tables, sqlOn(tables, MAIL_QUERY, { recipientDelimiter }))
  },
})

export const MAIL_QUERY = `
  SELECT m.address AS reader, m.lang AS language, m.owner AS name FROM mailbox m WHERE lower(m.address) = :address
  UNION
  SELECT m.address, m.lang, m.owner FROM alias a JOIN mailbox m ON m.address = a.goto WHERE lower(a.address) = :address`

export function sqlOn(
  tables: TablesDatabase,
  query: string,
  { recipientDelimiter = '', statementTimeout = 5_000 } = {},
): ClosableDirectory {
  const database = connect<unknown>('directory', tables.url, { ...OPEN, statementTimeout })
  const directory = sqlDirectory(database, { query, recipientDelimiter })
  return { ...directory, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() }
}

export type ClosableDirectory = Directory & AsyncDisposable

const opened = (tables: TablesDatabase, directory: ClosableDirectory): MadeDirectory => ({
  directory,
  async [Symbol.asyncDispose]() {
    await directory[Symbol.asyncDispose]()
    await tables[Symbol.asyncDispose]()
  },
})
