import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connect } from '../../src/ground/database/connect.ts'
import type { Database } from '../../src/ground/database/database.ts'
import { inTransaction } from '../../src/ground/database/transaction.ts'
import { migrate } from '../../src/ground/state/migrate.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { heldRow, hex } from '../servers/held-row.ts'
import { asRoot, startMariaDb } from '../servers/mariadb.ts'
import { asPostgres, startPostgres } from '../servers/postgres.ts'
import { createPostgresStorage } from '../servers/postgres-storage.ts'
import { createStorage, type Storage } from '../servers/storage.ts'
import { startTcpSwitch, type TcpSwitch } from '../servers/tcp-switch.ts'
import { waitUntil } from '../servers/wait.ts'
import { createProgram } from './program.ts'

/** A server that can lose its role as the primary. */
interface Primary extends AsyncDisposable {
  readonly kind: 'mariadb' | 'postgres'
  readonly port: number
  storage(like?: Storage): Promise<Storage>
  setReadOnly(on: boolean): Promise<unknown>
  /** How many connections of the program lead to it. */
  connections(user: string): Promise<number>
}

const KINDS = [
  { name: 'MariaDB', open: openMariaDb },
  { name: 'PostgreSQL', open: openPostgres },
]

describe.each(KINDS)('after a failover of $name', ({ open }) => {
  let old: Primary
  let next: Primary
  let stack: AsyncDisposableStack
  let there: Storage
  let here: Storage
  let proxy: TcpSwitch
  let state: Database<StateTables>

  beforeAll(async () => {
    ;[old, next] = await Promise.all([open(), open()])
  })
  beforeEach(async () => {
    stack = new AsyncDisposableStack()
    here = stack.use(await old.storage())
    there = stack.use(await next.storage(here))
    stack.defer(async () => void (await old.setReadOnly(false)))
    proxy = stack.use(await startTcpSwitch(old.port))
    for (const { url } of [here, there]) {
      await using database = connect<StateTables>('state', url)
      await migrate(database)
    }
    state = stack.use(connect<StateTables>('state', here.url.replace(`:${old.port}/`, `:${proxy.port}/`)))
    await useConnections(state, 6)
  })
  afterEach(() => stack.disposeAsync())
  afterAll(async () => {
    await old?.[Symbol.asyncDispose]()
    await next?.[Symbol.asyncDispose]()
  })

  test('the first write reaches the new primary, and no connection to the old one is used again', async () => {
    await failOver()
    await write('first')
    expect(await written(there)).toEqual(['first'])
    // They were idle, and reads on them would be out of date.
    await useConnections(state, 6)
    await waitUntil('the old ones to be closed', async () => (await old.connections(here.user)) === 0)
  })

  test('many writes at once all reach the new primary', async () => {
    await failOver()
    const names = Array.from({ length: 30 }, (_, index) => `n${index}`)
    await Promise.all(names.map(write))
    expect(await written(there)).toEqual(names.toSorted())
  })

  test('a transaction that the old primary refuses is repeated on the new one', async () => {
    await failOver()
    let attempts = 0
    await inTransaction(state, async transaction => {
      attempts += 1
      await transaction.selectFrom('digest_watermark').selectAll().execute()
      await transaction.insertInto('digest_watermark').values({ name: 'within', value: 1 }).execute()
    })
    expect(attempts).toBe(2)
    expect(await written(there)).toEqual(['within'])
  })

  test('while no primary can be reached, a write says so, and the first one after that succeeds', async () => {
    await old.setReadOnly(true)
    await expect(write('early')).rejects.toMatchObject({ code: 'DATABASE_READ_ONLY' })
    await expect(inTransaction(state, () => write('early'))).rejects.toMatchObject({
      code: 'DATABASE_READ_ONLY',
    })
    proxy.leadTo(next.port)
    await write('late')
    expect(await written(there)).toEqual(['late'])
  })

  test('serve collects what comes after it, without a restart, and stays ready', async () => {
    const url = here.url.replace(`:${old.port}/`, `:${proxy.port}/`)
    using program = await createProgram({ storage: { url }, collect: { every: '1s' } })
    await using service = await program.serve()
    await heldRow(here, LITERALS[old.kind], 1, 'alice@example.com', hex('Before'))
    await waitUntil('the first', async () => (await here.query('SELECT 1 FROM digest_item')).length === 1)
    await failOver()
    await heldRow(there, LITERALS[old.kind], 2, 'alice@example.com', hex('After'))
    await waitUntil('the second', async () => (await there.query('SELECT 1 FROM digest_item')).length === 1)
    const ready = await fetch(`${service.url}/readyz`)
    expect(await ready.text()).not.toContain('DATABASE')
    expect(service.log()).not.toContain('DATABASE_READ_ONLY')
  })

  async function failOver(): Promise<void> {
    proxy.leadTo(next.port)
    await old.setReadOnly(true)
  }

  const write = async (name: string) =>
    void (await state.sql.insertInto('digest_watermark').values({ name, value: 1 }).execute())
})

const LITERALS = {
  mariadb: { octets: (digits: string) => `x'${digits}'`, text: (digits: string) => `x'${digits}'` },
  postgres: {
    octets: (digits: string) => `decode('${digits}', 'hex')`,
    text: (digits: string) => `convert_from(decode('${digits}', 'hex'), 'UTF8')`,
  },
}

async function written(storage: Storage): Promise<string[]> {
  const rows = await storage.query<{ name: string }>(
    "SELECT name FROM digest_watermark WHERE name IN ('first', 'within', 'late', 'early') OR name LIKE 'n%'",
  )
  return rows.map(row => row.name).toSorted()
}

/** Uses several connections at once, so that the pool has as many. */
const useConnections = ({ sql: database }: Database<StateTables>, count: number) =>
  Promise.all(
    Array.from({ length: count }, () =>
      database.connection().execute(async connection => {
        await sql`select 1`.execute(connection)
        await sql`select 2`.execute(connection)
      }),
    ),
  )

async function openMariaDb(): Promise<Primary> {
  const server = await startMariaDb()
  return {
    kind: 'mariadb',
    port: server.port,
    storage: like => createStorage(server, like ? { like } : {}),
    setReadOnly: on => asRoot(server, `SET GLOBAL read_only = ${on ? 1 : 0}`),
    connections: async user => {
      const rows = await asRoot(
        server,
        `SELECT id FROM information_schema.processlist WHERE user = '${user}' AND command = 'Sleep' AND db IS NOT NULL`,
      )
      return rows.length
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function openPostgres(): Promise<Primary> {
  const server = await startPostgres()
  return {
    kind: 'postgres',
    port: server.port,
    storage: like => createPostgresStorage(server, like ? { like } : {}),
    // Running sessions are affected too, as on a primary that was demoted.
    setReadOnly: async on => {
      const value = on ? 'on' : 'off'
      await asPostgres(server, `ALTER SYSTEM SET default_transaction_read_only = ${value}`)
      await asPostgres(server, 'SELECT pg_reload_conf()')
      await waitUntil('the setting', async () => {
        const [row] = await asPostgres<{ is: string }>(
          server,
          "SELECT current_setting('default_transaction_read_only') AS is",
        )
        return row?.is === value
      })
    },
    connections: async user =>
      (
        await asPostgres(
          server,
          `SELECT pid FROM pg_stat_activity WHERE usename = '${user}' AND application_name = 'amavis-digest'`,
        )
      ).length,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
