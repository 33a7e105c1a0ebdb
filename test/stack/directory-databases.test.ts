import { describe, expect, inject, test } from 'vitest'
import { mysql } from '../../src/ground/database/mysql.ts'
import { postgres } from '../../src/ground/database/postgres.ts'
import { amavisDirectory } from '../../src/ground/directory/amavis/amavis-directory.ts'
import type { UsersTables } from '../../src/ground/directory/amavis/users-table.ts'
import { inHalves } from '../../src/ground/directory/in-halves.ts'
import { SECOND } from '../../src/ground/durations.ts'
import { directoryContract } from '../contracts/directory.ts'
import {
  addUsers,
  amavisMaker,
  amavisOn,
  createUsers,
  sqlMaker,
  sqlOn,
  type TablesDatabase,
} from '../embedded/directory-tables.ts'
import { readableLog } from '../log-lines.ts'
import { planOf } from '../servers/explain.ts'
import { asRoot } from '../servers/mariadb.ts'
import { asPostgres } from '../servers/postgres.ts'
import { createPostgresStorage } from '../servers/postgres-storage.ts'
import { openSpied } from '../servers/spied-database.ts'
import { createStorage } from '../servers/storage.ts'
import { createOn, type DatabaseKind } from './databases.ts'

const emptyOn = (kind: DatabaseKind) => () => createOn(kind, { empty: true })

directoryContract(amavisMaker('amavis on MariaDB', 'varbinary(255)', emptyOn('mariadb')))
directoryContract(amavisMaker('amavis on PostgreSQL', 'bytea', emptyOn('postgres')))
directoryContract(sqlMaker('sql on MariaDB', emptyOn('mariadb')))
directoryContract(sqlMaker('sql on PostgreSQL', emptyOn('postgres')))

test('an admin’s query that fails for one address answers about the others', async () => {
  await using tables = await createOn('postgres', { empty: true })
  const failing = `select :address as reader where 1 / (case :address when 'odd@example.com' then 0 else 1 end) = 1`
  await using directory = sqlOn(tables, failing)
  const asked = ['alice@example.com', 'odd@example.com', 'bob@example.com']
  await expect(directory.find(asked)).rejects.toMatchObject({ code: 'DIRECTORY_REFUSED' })
  const { log } = readableLog()
  const halved = inHalves(directory, { limit: 5 * SECOND, harmless: 'quarantine@example.com', log })
  expect([...(await halved.find(asked)).keys()].sort()).toEqual(['alice@example.com', 'bob@example.com'])
})

describe.each([
  {
    kind: 'mariadb',
    slow: `select :address as reader where sleep(case :address when 'slow@example.com' then 10 else 0 end) = 0`,
    note: 'create function note(a text) returns text begin insert into notes values (a); return a; end',
    // The driver writes values into the statement: it must find the same places as we do.
    tricky: String.raw`select 'it\'s ? :address' as a, /* ' ? :address */ :address as reader, "\"?" as b # ? '
      where :address <> "'?" -- :address ?`,
    broken: /^directory\.query: the database answers: You have an error in your SQL syntax/,
  },
  {
    kind: 'postgres',
    slow: `select :address as reader from pg_sleep(case :address when 'slow@example.com' then 10 else 0 end)`,
    note: `create function note(a text) returns text language sql as 'insert into notes values (a) returning a'`,
    tricky: String.raw`select 'C:\' as a, e'it\'s $1 :address' as b, $$ ' :address $$ as c, /* ' $1 */ :address::text as reader
      where :address <> '$2' -- :address $3`,
    broken: /^directory\.query: the database answers: syntax error at or near/,
  },
] as const)('an admin’s query on $kind', ({ kind, slow, note, tricky, broken }) => {
  test('that takes too long ends, and holds up no later question', async () => {
    await using tables = await createOn(kind, { empty: true })
    await using directory = sqlOn(tables, slow, { statementTimeout: 200 })
    const asked = Array.from({ length: 4 }, () => directory.find(['slow@example.com']))
    const refused = { status: 'rejected', reason: { code: 'DIRECTORY_UNREACHABLE' } }
    expect(await Promise.allSettled(asked)).toMatchObject(asked.map(() => refused))
    const found = await directory.find(['bob@example.com'])
    expect(found.get('bob@example.com')?.readers).toMatchObject([{ address: 'bob@example.com' }])
  })

  test('that writes is refused', async () => {
    await using tables = await createOn(kind, { empty: true })
    await tables.query('create table notes (a text)')
    await tables.query(note)
    await using directory = sqlOn(tables, 'select note(:address) as reader')
    await expect(directory.find(['bob@example.com'])).rejects.toMatchObject({
      code: 'DIRECTORY_REFUSED',
      message: 'directory.query: a directory is only read, and this changes something',
    })
    expect(await tables.query('select * from notes')).toEqual([])
  })

  test('that the database does not understand is named, without the URL', async () => {
    await using tables = await createOn(kind, { empty: true })
    await using directory = sqlOn(tables, 'select reader from where a = :address')
    const error: unknown = await directory.find(['bob@example.com']).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'DIRECTORY_REFUSED', message: expect.stringMatching(broken) })
    expect(String(error)).not.toContain(tables.password)
  })

  test('gets each address in its own place, whatever it quotes', async () => {
    await using tables = await createOn(kind, { empty: true })
    await using directory = sqlOn(tables, tricky)
    const asked = Array.from({ length: 250 }, (_, index) => `"it's ${index} ? :address"@example.com`)
    const found = await directory.find(asked)
    expect(
      [...found].map(([address, { readers }]) => [address, readers.map(reader => reader.address)]),
    ).toEqual(asked.map(address => [address, [address]]))
  })
})

describe.each([
  { charset: 'latin1', kind: 'mariadb', letters: 'latin1', encoding: undefined },
  { charset: 'utf8mb3', kind: 'mariadb', letters: 'utf8mb3', encoding: undefined },
  { charset: 'LATIN1', kind: 'postgres', letters: undefined, encoding: 'LATIN1' },
] as const)('tables in $charset on $kind', ({ kind, letters, encoding }) => {
  const open = () => createOn(kind, { empty: true, ...(encoding ? { encoding } : {}) })
  const type = letters ? `varchar(190) CHARACTER SET ${letters}` : 'varchar(190)'

  test.each([
    {
      is: 'an admin’s query',
      fill: async (tables: TablesDatabase) => {
        await tables.query(`CREATE TABLE mailbox (address ${type} NOT NULL PRIMARY KEY)`)
        for (const address of STORED) await tables.query('INSERT INTO mailbox VALUES (?)', [address])
      },
      on: (tables: TablesDatabase) =>
        sqlOn(tables, 'SELECT address AS reader FROM mailbox WHERE address = :address'),
    },
    {
      is: 'amavis',
      fill: async (tables: TablesDatabase) => {
        await createUsers(tables, type)
        await addUsers(
          tables,
          STORED.map((email, id) => ({ id, email })),
        )
      },
      on: amavisOn,
    },
  ])('answer $is about all other addresses beside some with letters that they lack', async ({ fill, on }) => {
    await using tables = await open()
    await fill(tables)
    await using directory = on(tables)
    const found = await directory.find([
      ...STORED,
      '😀@example.com',
      'zoë😀@example.com',
      'łukasz@example.com',
    ])
    expect([...found.values()].map(({ readers }) => readers.map(({ address }) => address))).toEqual([
      ...STORED.map(address => [address]),
      ...[[], [], []],
    ])
  })
})

const STORED = ['bob@example.com', 'jürgen@example.com', 'zoë@example.com']

test('a right that is missing reads as the GRANT that gives it', async () => {
  await using mariaDb = await createStorage(inject('mariaDb'), { empty: true })
  await createUsers(mariaDb, 'varbinary(255)')
  const account = `${mariaDb.user}@'127.0.0.1'`
  await asRoot(
    mariaDb.server,
    `REVOKE ALL ON ${mariaDb.database}.* FROM ${account}; GRANT INSERT ON ${mariaDb.database}.* TO ${account}`,
  )
  await using onMariaDb = amavisOn(mariaDb)
  await expect(onMariaDb.find(['bob@example.com'])).rejects.toMatchObject({
    code: 'DIRECTORY_REFUSED',
    message: expect.stringContaining(
      `GRANT SELECT ON ${mariaDb.database}.users TO '${mariaDb.user}'@'127.0.0.1';`,
    ),
  })
  await using postgresDb = await createPostgresStorage(inject('postgres'), { empty: true })
  await asPostgres(postgresDb.server, 'CREATE TABLE users (email bytea)', postgresDb.database)
  await using onPostgres = amavisOn(postgresDb)
  await expect(onPostgres.find(['bob@example.com'])).rejects.toMatchObject({
    code: 'DIRECTORY_REFUSED',
    message: expect.stringContaining(`GRANT SELECT ON users TO ${postgresDb.user};`),
  })
})

describe('200,000 users are found by amavisd’s own index', () => {
  const asked = Array.from({ length: 600 }, (_, index) => `user${index * 300}@example.com`)
  const options = { recipientDelimiter: '+', outsideReaders: [] }

  test('on MariaDB', async () => {
    await using tables = await createStorage(inject('mariaDb'), { empty: true })
    await createUsers(tables, 'varbinary(255)')
    await tables.query(
      `INSERT INTO users (id, email) SELECT seq, concat('user', seq, '@example.com') FROM seq_1_to_200000`,
    )
    await using database = openSpied<UsersTables>(tables.url, mysql)
    const found = await amavisDirectory(database, options).find(asked)
    expect([...found.values()].filter(({ readers }) => readers.length > 0)).toHaveLength(599)
    for (const statement of database.statements)
      expect(await planOf(tables, statement)).toMatchObject([
        { table: 'users', key: 'email', readsAll: false },
      ])
  })

  test('on PostgreSQL', async () => {
    await using tables = await createPostgresStorage(inject('postgres'), { empty: true })
    await createUsers(tables, 'bytea')
    await tables.query(
      `INSERT INTO users (id, email) SELECT n, convert_to('user' || n || '@example.com', 'UTF8') FROM generate_series(1, 200000) n`,
    )
    await asPostgres(tables.server, 'ANALYZE users', tables.database)
    await using database = openSpied<UsersTables>(tables.url, postgres)
    const found = await amavisDirectory(database, options).find(asked)
    expect([...found.values()].filter(({ readers }) => readers.length > 0)).toHaveLength(599)
    for (const { sql, parameters } of database.statements) {
      const octets = parameters.map(parameter => Buffer.from(String(parameter)))
      const plan = await tables.query(`EXPLAIN ${sql.replaceAll(/\$\d+/g, '?')}`, octets)
      expect(JSON.stringify(plan)).toMatch(/Index (?:Only )?Scan.*users_email_key/)
      expect(JSON.stringify(plan)).not.toContain('Seq Scan')
    }
  })
})
