import { chownSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { chunks } from '../../../src/ground/database/chunks.ts'
import { connect } from '../../../src/ground/database/connect.ts'
import { inTransaction } from '../../../src/ground/database/transaction.ts'
import { checkState } from '../../../src/ground/state/check-state.ts'
import { migrate } from '../../../src/ground/state/migrate.ts'
import type { StateTables } from '../../../src/ground/state/state-tables.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const open = (path: string) => connect<StateTables>('state', `sqlite://${path}`)

test('nothing is opened before the first statement', async () => {
  await using _database = open('/nowhere/state.sqlite')
})

test.each([
  ['a missing folder', 'DATABASE_UNREACHABLE', (folder: string) => join(folder, 'no', 'state.sqlite')],
  ['a folder in place of the file', 'DATABASE_UNREACHABLE', (folder: string) => folder],
  [
    'a file that is not a database',
    'DATABASE_REFUSED',
    (folder: string) => {
      const path = join(folder, 'state.sqlite')
      writeFileSync(path, 'not a database at all, but long enough to be looked at'.repeat(50))
      return path
    },
  ],
])('%s is reported as %s', async (_, code, make) => {
  const path = make(temporaryFolder())
  await using database = open(path)
  await expect(sql`select 1 from x`.execute(database.sql)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(/^state database: /),
  })
})

test.skipIf(process.getuid?.() !== 0)(
  'root follows no link in a folder of another user, and makes no file at its end',
  async () => {
    const base = temporaryFolder()
    const folder = join(base, 'state')
    mkdirSync(folder)
    const planted = join(base, 'planted')
    const path = join(folder, 'state.sqlite')
    symlinkSync(planted, path)
    chownSync(folder, 65534, 65534)
    {
      await using database = open(path)
      await expect(migrate(database)).rejects.toMatchObject({
        code: 'DATABASE_GRANT_MISSING',
        message: expect.stringContaining('runuser -u nobody -- amavis-digest'),
      })
    }
    expect(existsSync(planted)).toBe(false)
    chownSync(folder, 0, 0)
    await using database = open(path)
    await migrate(database)
    expect(existsSync(planted)).toBe(true)
  },
)

test('a missing table is reported with its name', async () => {
  await using database = open(join(temporaryFolder(), 'state.sqlite'))
  await expect(sql`select 1 from digest_item`.execute(database.sql)).rejects.toMatchObject({
    code: 'TABLE_MISSING',
    message: expect.stringContaining('digest_item'),
  })
})

test('the program does not start with tables that are missing or read-only', async () => {
  const path = join(temporaryFolder(), 'state.sqlite')
  await using database = open(path)
  await expect(checkState(database)).rejects.toMatchObject({
    code: 'STATE_UNMIGRATED',
    message: expect.stringContaining('amavis-digest migrate'),
  })
  await migrate(database)
  await checkState(database)
  await sql`pragma query_only = on`.execute(database.sql)
  await expect(checkState(database)).rejects.toMatchObject({
    code: 'DATABASE_GRANT_MISSING',
    message: expect.stringContaining('read-only'),
  })
})

test('a lock that another process does not release is reported', async () => {
  const path = join(temporaryFolder(), 'state.sqlite')
  await using database = open(`${path}?lockTimeout=50`)
  await migrate(database)
  using other = new DatabaseSync(path)
  other.exec('begin immediate')
  await expect(
    database.sql.insertInto('digest_watermark').values({ name: 'x', value: 1 }).execute(),
  ).rejects.toMatchObject({
    code: 'DATABASE_UNREACHABLE',
    message: expect.stringContaining('locked by another process for 0.05 s'),
  })
})

test("a statement waits for another process's lock, and everything else goes on meanwhile", async () => {
  const path = join(temporaryFolder(), 'state.sqlite')
  await using database = open(path)
  await migrate(database)
  using other = new DatabaseSync(path)
  other.exec('begin immediate')
  const value = (name: string) => ({ name, value: 1 })
  const work = [
    database.sql.insertInto('digest_watermark').values(value('alone')).execute(),
    inTransaction(database, transaction =>
      transaction.insertInto('digest_watermark').values(value('together')).execute(),
    ),
  ]
  // If the statement itself waited, this turn would never come and the lock would never be released.
  await new Promise(setImmediate)
  other.exec('commit')
  await Promise.all(work)
  const written = await database.sql
    .selectFrom('digest_watermark')
    .select('name')
    .where('value', '=', 1)
    .where('name', 'in', ['alone', 'together'])
    .execute()
  expect(written).toHaveLength(2)
})

test('a long series of statements leaves room for everything else', async () => {
  await using database = open(join(temporaryFolder(), 'state.sqlite'))
  await migrate(database)
  let turns = 0
  using _timer = setInterval(() => {
    turns += 1
  }, 1)
  const end = performance.now() + 200
  while (performance.now() < end) await sql`select 1`.execute(database.sql)
  expect(turns).toBeGreaterThan(2)
})

test('a full disk is reported, rolls the transaction back, and no longer matters once there is room', async () => {
  await using database = open(join(temporaryFolder(), 'state.sqlite'))
  await migrate(database)
  const pages = await sql<{ page_count: number }>`pragma page_count`.execute(database.sql)
  await sql`pragma max_page_count = ${sql.raw(String(pages.rows[0]?.page_count))}`.execute(database.sql)
  const rows = Array.from({ length: 500 }, (_, index) => ({ name: `${'x'.repeat(50)}${index}`, value: 1 }))
  const write = () =>
    inTransaction(database, async transaction => {
      for (const chunk of chunks(rows, 50)) {
        await transaction
          .insertInto('digest_watermark')
          .values([...chunk])
          .execute()
      }
    })
  const count = async () =>
    (await database.sql.selectFrom('digest_watermark').select('name').execute()).length
  const before = await count()
  const full = { code: 'DATABASE_UNREACHABLE', message: expect.stringContaining('Is the disk full?') }
  await expect(write()).rejects.toMatchObject(full)
  await expect(write()).rejects.toMatchObject(full)
  expect(await count()).toBe(before)
  await sql`pragma max_page_count = 100000`.execute(database.sql)
  await write()
  expect(await count()).toBe(before + 500)
})

test('a path may contain blanks and percent signs', async () => {
  const folder = temporaryFolder()
  await using database = open(`${folder}/odd%20%2525name.sqlite`)
  await migrate(database)
  expect(existsSync(join(folder, 'odd %25name.sqlite'))).toBe(true)
})

test('a URL of another kind of database is refused by name, without its password', () => {
  expect(() => connect('storage', 'oracle://u:secret@h/d')).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/^storage\.url: expected one of (?!.*secret)/),
    }),
  )
})
