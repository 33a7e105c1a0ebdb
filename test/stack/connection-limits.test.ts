import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { connect } from '../../src/ground/database/connect.ts'
import type { Database } from '../../src/ground/database/database.ts'
import { asRoot, startMariaDb } from '../servers/mariadb.ts'
import { asPostgres } from '../servers/postgres.ts'
import { createPostgresStorage } from '../servers/postgres-storage.ts'
import { createStorage, type Storage } from '../servers/storage.ts'

const KINDS = [
  {
    name: 'MariaDB',
    open: () => createStorage(inject('mariaDb'), { empty: true }),
    limit: (user: string, count: number) =>
      asRoot(inject('mariaDb'), `ALTER USER ${user}@'127.0.0.1' WITH MAX_USER_CONNECTIONS ${count}`),
    slow: sql`select sleep(0.05)`,
  },
  {
    name: 'PostgreSQL',
    open: () => createPostgresStorage(inject('postgres'), { empty: true }),
    limit: (user: string, count: number) =>
      asPostgres(inject('postgres'), `ALTER ROLE ${user} CONNECTION LIMIT ${count}`),
    slow: sql`select pg_sleep(0.05)`,
  },
]

describe.each(KINDS)('a user of $name with few connections', ({ open, limit, slow }) => {
  let stack: AsyncDisposableStack
  let storage: Storage
  beforeEach(async () => {
    stack = new AsyncDisposableStack()
    storage = stack.use(await open())
  })
  afterEach(() => stack.disposeAsync())

  test('waits for one of them, and everything is done in turn', async () => {
    await limit(storage.user, 2)
    await using database = connect<Record<string, never>>('storage', storage.url)
    const done: number[] = []
    const work = Array.from({ length: 40 }, async (_, index) => {
      await slow.execute(database.sql)
      done.push(index)
    })
    await Promise.all(work)
    expect(done).toHaveLength(40)
    expect(Math.max(...done.slice(0, 20))).toBeLessThan(30)
    expect(database.pool?.().size).toBeLessThanOrEqual(2)
  })

  test('is told so when others have all of them, and goes on when one is free', async () => {
    await limit(storage.user, 1)
    await using other = connect('storage', storage.url, { connections: 1 })
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const held = other.sql.connection().execute(async connection => {
      await slow.execute(connection)
      begin()
      await ended
    })
    await begun
    await using database = connect('storage', storage.url)
    const attempts = await Promise.allSettled([1, 2, 3].map(() => slow.execute(database.sql)))
    const refusal = {
      code: 'DATABASE_UNREACHABLE',
      message: expect.stringMatching(/allows no more .*lower connections/),
    }
    expect(attempts).toEqual(
      attempts.map(() => ({ status: 'rejected', reason: expect.objectContaining(refusal) })),
    )
    const waiting = slow.execute(database.sql)
    end()
    await held
    await other[Symbol.asyncDispose]()
    await waiting
  })

  test('shares them with another pool that needs one now and then', async () => {
    await limit(storage.user, 1)
    await using first = connect('storage', storage.url)
    await using second = connect('state', storage.url)
    for (const database of [first, second, first]) await slow.execute(database.sql)
  })

  test('opens no more than the configuration says', async () => {
    await using database = connect('storage', storage.url, { connections: 3 })
    const most = { size: 0, waiting: 0 }
    const watch = ({ pool }: Database<unknown>) => {
      most.size = Math.max(most.size, pool?.().size ?? 0)
      most.waiting = Math.max(most.waiting, pool?.().waiting ?? 0)
    }
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        await slow.execute(database.sql)
        watch(database)
      }),
    )
    expect(most).toEqual({ size: 3, waiting: expect.any(Number) })
    expect(most.waiting).toBeGreaterThan(0)
  })
})

test('an account that signs in by ed25519 is told so in one sentence', async () => {
  await using server = await startMariaDb(['--plugin-load-add=auth_ed25519'])
  await asRoot(server, `CREATE USER modern@'127.0.0.1' IDENTIFIED VIA ed25519 USING PASSWORD('hidden-word')`)
  await using database = connect('storage', `mysql://modern:hidden-word@127.0.0.1:${server.port}/mysql`)
  await expect(sql`select 1`.execute(database.sql)).rejects.toMatchObject({
    code: 'DATABASE_REFUSED',
    message: expect.stringMatching(/ed25519, which this program cannot do\. As a database admin: ALTER USER/),
  })
})
