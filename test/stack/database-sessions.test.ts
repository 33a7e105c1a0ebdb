import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { connect } from '../../src/ground/database/connect.ts'
import type { Database } from '../../src/ground/database/database.ts'
import { migrate } from '../../src/ground/state/migrate.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { asRoot, type MariaDb, startMariaDb } from '../servers/mariadb.ts'
import { asPostgres } from '../servers/postgres.ts'
import { createPostgresStorage, type PostgresStorage } from '../servers/postgres-storage.ts'
import { createStorage, type Storage } from '../servers/storage.ts'

const TEXT = 'café € 日本 😀'

describe.each([
  {
    kind: 'with an init_connect',
    options: [
      `--init-connect=SET NAMES latin1, autocommit = 0, sql_safe_updates = 1, sql_select_limit = 1, completion_type = 1`,
    ],
  },
  {
    kind: 'that ignores the client’s character set',
    options: ['--skip-character-set-client-handshake', '--character-set-server=latin1'],
  },
  { kind: 'whose messages are German', options: ['--lc-messages=de_DE'] },
])('a MariaDB $kind', ({ options }) => {
  let server: MariaDb
  let storage: Storage
  beforeAll(async () => {
    server = await startMariaDb(options)
    storage = await createStorage(server, { empty: true })
  })
  afterAll(async () => {
    await storage?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
  })

  test('keeps every character, commits each statement, and gives whole answers', async () => {
    await keepsEverything(storage)
  })

  test('names the right that is missing', async () => {
    await asRoot(
      server,
      `CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'x'; GRANT SELECT ON mysql.db TO reader@'127.0.0.1'`,
    )
    await using database = connect('storage', `mysql://reader:x@127.0.0.1:${server.port}/mysql`)
    await expect(sql`select * from user`.execute(database.sql)).rejects.toMatchObject({
      code: 'DATABASE_GRANT_MISSING',
      message: expect.stringContaining(`GRANT SELECT ON mysql.user TO 'reader'@'127.0.0.1'`),
    })
  })
})

test.each(['latin1', 'ascii'])(
  'our tables keep every character in a MariaDB database of %s',
  async encoding => {
    await using storage = await createStorage(inject('mariaDb'), { empty: true, encoding })
    await keepsEverything(storage)
  },
)

test('our tables keep every character in a PostgreSQL database of SQL_ASCII', async () => {
  await using storage = await createPostgresStorage(inject('postgres'), {
    empty: true,
    encoding: 'SQL_ASCII',
  })
  await keepsEverything(storage)
})

describe('a PostgreSQL', () => {
  let stack: AsyncDisposableStack
  let storage: PostgresStorage
  beforeEach(async () => {
    stack = new AsyncDisposableStack()
    storage = stack.use(await createPostgresStorage(inject('postgres'), { empty: true }))
  })
  afterEach(() => stack.disposeAsync())

  test.each(['ROLE', 'DATABASE'])(
    'whose %s has other settings means the same by our statements',
    async what => {
      const settings = {
        client_encoding: 'LATIN1',
        standard_conforming_strings: 'off',
        bytea_output: 'escape',
        DateStyle: 'SQL, DMY',
        TimeZone: 'Asia/Tokyo',
        IntervalStyle: 'iso_8601',
        extra_float_digits: '-5',
        default_transaction_isolation: 'serializable',
        transform_null_equals: 'on',
        lock_timeout: '1',
        statement_timeout: '1000',
      }
      for (const [name, value] of Object.entries(settings))
        await asAdmin(`ALTER ${what} ${storage.user} SET ${name} = '${value}'`)
      await using database = connect<StateTables>('state', storage.url)
      const { rows } = await sql`select 'a\\b' as quoted, ${'€'}::bytea as octets, 0.1::float8 + 0.2 as sum,
      '2026-03-01 10:00+00'::timestamptz as time, current_setting('statement_timeout') as timeout,
      current_setting('lock_timeout') as locks, current_setting('transaction_isolation') as isolation`.execute(
        database.sql,
      )
      expect(rows).toEqual([
        {
          quoted: 'a\\b',
          octets: Buffer.from('€'),
          sum: 0.1 + 0.2,
          time: new Date('2026-03-01T10:00:00Z'),
          timeout: '1min',
          locks: '0',
          isolation: 'read committed',
        },
      ])
      await keepsEverything(storage)
    },
  )

  const asAdmin = (statement: string) => asPostgres(inject('postgres'), statement)
})

/** Writes and reads our own tables through two connections that have nothing in common. */
async function keepsEverything(storage: Storage): Promise<void> {
  await using state = connect<StateTables>('state', storage.url)
  await migrate(state)
  for (const scope of ['', '1', '2']) await write(state, `${TEXT}${scope}`)
  await using other = connect<StateTables>('state', storage.url)
  const rows = await other.sql.selectFrom('digest_watermark').select('name').where('value', '=', 7).execute()
  expect(rows.map(row => row.name).toSorted()).toEqual([TEXT, `${TEXT}1`, `${TEXT}2`])
  // Without a key in its condition.
  await other.sql.updateTable('digest_watermark').set({ value: 8 }).where('value', '=', 7).execute()
  const { rows: lengths } = await sql<{ octets: number }>`select octet_length(name) as octets
    from digest_watermark where name = ${TEXT}`.execute(state.sql)
  expect(lengths).toEqual([{ octets: Buffer.byteLength(TEXT) }])
}

const write = (state: Database<StateTables>, name: string) =>
  state.sql.insertInto('digest_watermark').values({ name, value: 7 }).execute()
