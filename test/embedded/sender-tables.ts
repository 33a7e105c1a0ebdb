import { connect } from '../../src/ground/database/connect.ts'
import { amavisSenderLists } from '../../src/ground/senders/amavis/amavis-sender-lists.ts'
import type { LookupTables } from '../../src/ground/senders/amavis/lookup-tables.ts'
import type { ListEntry, SenderLists } from '../../src/ground/senders/sender-lists.ts'
import type { MadeSenderLists, SenderListsMaker } from '../contracts/sender-lists.ts'
import type { TablesDatabase } from './directory-tables.ts'

/** The types in which amavisd's README.sql-mysql and README.sql-pg differ. */
export interface LookupSchema {
  readonly id: string
  readonly email: string
  /** PostgreSQL's has foreign keys. */
  readonly references?: boolean
}

export const SCHEMAS = {
  mariadb: { id: 'int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY', email: 'varbinary(255)' },
  mariadbText: {
    id: 'int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY',
    email: 'varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
  },
  postgres: { id: 'serial PRIMARY KEY', email: 'bytea', references: true },
  sqlite: { id: 'integer PRIMARY KEY AUTOINCREMENT', email: 'varchar(255)' },
} as const satisfies Record<string, LookupSchema>

/** amavisd's lookup tables, as far as the tests use their columns. */
export async function createLookupTables(
  tables: TablesDatabase,
  { id, email, references = false }: LookupSchema,
  { local = true } = {},
): Promise<void> {
  const to = (place: string) => (references ? `REFERENCES ${place}(id)` : '')
  await tables.query(
    `CREATE TABLE policy (id ${id}, policy_name varchar(32), spam_lover char(1) DEFAULT NULL, spam_kill_level float DEFAULT NULL)`,
  )
  await tables.query(`CREATE TABLE users (id ${id}, priority integer NOT NULL DEFAULT 7,
    policy_id integer NOT NULL DEFAULT 1 ${to('policy')}, email ${email} NOT NULL UNIQUE,
    fullname varchar(255) DEFAULT NULL${local ? ', local char(1)' : ''})`)
  await tables.query(
    `CREATE TABLE mailaddr (id ${id}, priority integer NOT NULL DEFAULT 7, email ${email} NOT NULL UNIQUE)`,
  )
  await tables.query(`CREATE TABLE wblist (rid integer NOT NULL ${to('users')}, sid integer NOT NULL ${to('mailaddr')},
    wb varchar(10) NOT NULL, PRIMARY KEY (rid, sid))`)
}

export const amavisListsMaker = (
  name: string,
  schema: LookupSchema,
  open: () => Promise<TablesDatabase>,
): SenderListsMaker => ({
  name,
  stranger: 'follows',
  async make() {
    const tables = await open()
    await createLookupTables(tables, schema)
    return madeOn(tables)
  },
})

export type ClosableSenderLists = SenderLists & AsyncDisposable

export function amavisListsOn(url: string, timeout = 5_000): ClosableSenderLists {
  const database = connect<LookupTables>('senders', url, { connections: 2, statementTimeout: timeout })
  return {
    ...amavisSenderLists(database, { timeout, recipientDelimiter: '+' }),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

function madeOn(tables: TablesDatabase): MadeSenderLists {
  const stack = new AsyncDisposableStack()
  stack.use(tables)
  const open = (url = tables.url) => stack.use(amavisListsOn(url))
  let lists = open()
  const addMany = async (owner: string, entries: readonly ListEntry[]) => {
    await lists.set(owner, { sender: 'first@entry.example', list: 'allow' })
    await lists.remove(owner, 'first@entry.example')
    for (let start = 0; start < entries.length; start += 1000) {
      const some = entries.slice(start, start + 1000)
      const places = some.map(() => '(?)').join(', ')
      const senders = some.map(({ sender }) => sender)
      await tables.query(`INSERT INTO mailaddr (email) VALUES ${places}`, senders)
      await tables.query(
        `INSERT INTO wblist (rid, sid, wb) SELECT users.id, mailaddr.id, '${some[0]?.list === 'block' ? 'B' : 'W'}'
          FROM users CROSS JOIN mailaddr WHERE users.email = ? AND mailaddr.email IN (${some.map(() => '?').join(', ')})`,
        [owner, ...senders],
      )
    }
  }
  return {
    get lists() {
      return lists
    },
    open: () => open(),
    addMany,
    addForeign: (owner, entry) => addMany(owner, [entry]),
    async goAway() {
      lists = open('mysql://nobody:x@127.0.0.1:1/amavis')
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
