import { sql } from 'kysely'
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { connect } from '../../src/ground/database/connect.ts'
import { inTransaction } from '../../src/ground/database/transaction.ts'
import { checkState } from '../../src/ground/state/check-state.ts'
import { migrate } from '../../src/ground/state/migrate.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { startPgBouncer } from '../servers/pgbouncer.ts'
import { asPostgres } from '../servers/postgres.ts'
import { createPostgresStorage, type PostgresStorage } from '../servers/postgres-storage.ts'

let stack: AsyncDisposableStack
let storage: PostgresStorage
beforeEach(async () => {
  stack = new AsyncDisposableStack()
  storage = stack.use(await createPostgresStorage(inject('postgres'), { empty: true }))
})
afterEach(() => stack.disposeAsync())

test.each([
  ['transaction', 5],
  ['session', 10],
])('through PgBouncer in %s mode everything works', async (mode, size) => {
  const { url } = stack.use(await startPgBouncer(storage, [`pool_mode=${mode}`, `default_pool_size=${size}`]))
  await using state = connect<StateTables>('state', url)
  await migrate(state)
  await checkState(state)
  const names = Array.from({ length: 40 }, (_, index) => `用 ${index}`)
  await Promise.all(
    names.map(name =>
      inTransaction(state, async transaction => {
        expect(await settingsOf(transaction)).toEqual(OURS)
        await transaction.insertInto('digest_watermark').values({ name, value: 7 }).execute()
      }),
    ),
  )
  const all = await Promise.all(names.map(() => settingsOf(state.sql)))
  expect(all).toEqual(names.map(() => OURS))
  const rows = await state.sql.selectFrom('digest_watermark').select('name').where('value', '=', 7).execute()
  expect(rows.map(row => row.name).toSorted()).toEqual(names.toSorted())
})

test('in transaction mode, nothing that we set stays on a connection that others share', async () => {
  await asPostgres(inject('postgres'), `ALTER ROLE ${storage.user} SET lock_timeout = '7s'`)
  const { url } = stack.use(await startPgBouncer(storage, ['pool_mode=transaction', 'default_pool_size=1']))
  await using state = connect<StateTables>('state', url)
  await migrate(state)
  await expect(sql`select 1 / 0`.execute(state.sql)).rejects.toThrow('division by zero')
  await inTransaction(state, transaction => sql`select 1`.execute(transaction))
  const other = new pg.Client(url)
  await other.connect()
  try {
    const { rows } = await other.query(SETTINGS)
    expect(rows).toEqual([{ statements: '0', locks: '7s', idle: '0' }])
  } finally {
    await other.end()
  }
})

test('a failed statement leaves no transaction open', async () => {
  const { url } = stack.use(await startPgBouncer(storage, ['pool_mode=transaction', 'default_pool_size=1']))
  await using state = connect<StateTables>('state', url, { connections: 1 })
  await migrate(state)
  const insert = state.sql.insertInto('digest_watermark').values({ name: 'once', value: 1 })
  await insert.execute()
  await expect(insert.execute()).rejects.toThrow('duplicate key')
  expect(await settingsOf(state.sql)).toEqual(OURS)
})

test('statement mode is refused with what to change', async () => {
  const { url } = stack.use(await startPgBouncer(storage, ['pool_mode=statement']))
  await using state = connect<StateTables>('state', url)
  await expect(migrate(state)).rejects.toMatchObject({
    code: 'DATABASE_REFUSED',
    message: expect.stringContaining('pool_mode'),
  })
})

test('a PgBouncer that lets no more clients in makes us wait for one of our connections', async () => {
  const { url } = stack.use(await startPgBouncer(storage, ['pool_mode=session', 'max_client_conn=2']))
  await using state = connect<StateTables>('state', url)
  await Promise.all(Array.from({ length: 20 }, () => sql`select pg_sleep(0.05)`.execute(state.sql)))
})

const SETTINGS = `select current_setting('statement_timeout') as statements,
  current_setting('lock_timeout') as locks, current_setting('idle_in_transaction_session_timeout') as idle`

const OURS = { statements: '1min', locks: '0', idle: '1min' }

async function settingsOf(database: Parameters<ReturnType<typeof sql.raw>['execute']>[0]): Promise<unknown> {
  const { rows } = await sql.raw(SETTINGS).execute(database)
  return rows[0]
}
