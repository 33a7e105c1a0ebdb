import { createServer, type Server } from 'node:net'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { connect } from '../../../src/ground/database/connect.ts'
import { collectGarbage } from '../../../src/ground/heap.ts'

test.each([
  [
    'postgres://u:secret@h/d?sslmod=verify-full&x=1',
    'storage.url: unknown parameter sslmod, x; expected some of host, sslmode, sslrootcert',
  ],
  [
    'mysql://u:secret@h/d?ssl=true',
    'storage.url: unknown parameter ssl; expected some of socketPath, ssl-mode, ssl-ca',
  ],
  ['sqlite:///tmp/x?mode=ro', 'storage.url: unknown parameter mode; expected some of lockTimeout'],
  ['postgres://u:secret@h/d?sslmode=disable&sslmode=require', 'storage.url: sslmode is given twice'],
  [
    'postgres://u:secret@h/d?sslmode=prefer',
    'storage.url: sslmode: expected one of disable, require, verify-ca, verify-full',
  ],
  [
    'mysql://u:secret@h/d?ssl-mode=required',
    'storage.url: ssl-mode: expected one of DISABLED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY',
  ],
  [
    'postgres://u:secret@h/d?sslmode=require&sslrootcert=/etc/ssl/ca.pem',
    'storage.url: sslrootcert is only used with sslmode=verify-ca or verify-full',
  ],
  [
    'mysql://u:secret@h/d?ssl-mode=VERIFY_CA&ssl-ca=/nowhere/ca.pem',
    'storage.url: ssl-ca: cannot read /nowhere/ca.pem (ENOENT)',
  ],
  [
    'mysql://u:secret@192.0.2.1/d?ssl-mode=VERIFY_IDENTITY',
    'storage.url: ssl-mode=VERIFY_IDENTITY needs a host name, not an IP address',
  ],
  [
    'oracle://u:secret@h/d',
    'storage.url: expected one of mysql://, mariadb://, postgres://, postgresql://, sqlite://',
  ],
])('%s is refused before anything connects', (url, message) => {
  expect(() => connect('storage', url)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message }))
})

test('when nothing listens, the message gives the address and nothing else of the URL', async () => {
  for (const [url, address] of [
    ['postgres://u:secret@127.0.0.1:1/d', '127.0.0.1:1'],
    ['postgres:///d?host=/nowhere', '/nowhere'],
    ['mysql://u:secret@127.0.0.1:1/d', '127.0.0.1:1'],
  ] as const) {
    await using database = connect('state', url)
    await expect(
      database.sql
        .selectFrom('x' as never)
        .selectAll()
        .execute(),
    ).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
      message: expect.stringMatching(
        new RegExp(`^state database: no connection to ${address} \\((ECONNREFUSED|ENOENT)\\)`),
      ),
    })
  }
})

test.each(['mysql://u@127.0.0.1:1/d', 'postgres://u@127.0.0.1:1/d', 'sqlite:///nowhere/d.sqlite'])(
  '%s, opened and never used, does not keep the process alive',
  async url => {
    const timers = () => process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length
    const before = timers()
    const database = connect('storage', url)
    database.pool?.()
    await database[Symbol.asyncDispose]()
    expect(timers()).toBe(before)
  },
)

test.each(['mysql', 'postgres'])(
  'where a statement may take half a second, a %s server that says nothing is waited for no longer',
  async scheme => {
    await using silent = createServer(socket => socket.resume())
    const port = await portOf(silent)
    const began = performance.now()
    const options = { connections: 1, statementTimeout: 500 }
    {
      await using database = connect('directory', `${scheme}://u:secret@127.0.0.1:${port}/d`, options)
      await expect(sql`select 1`.execute(database.sql)).rejects.toMatchObject({
        code: 'DATABASE_UNREACHABLE',
      })
    }
    expect(performance.now() - began).toBeLessThan(5000)
  },
)

test('a connection to MariaDB takes little memory', async () => {
  const many = 20
  const { promise: connected, resolve: allConnected } = Promise.withResolvers<void>()
  let sockets = 0
  await using silent = createServer(socket => {
    socket.resume()
    sockets += 1
    if (sockets === many) allConnected()
  })
  const port = await portOf(silent)
  const options = { connections: many, statementTimeout: 1000 }
  await using database = connect('state', `mysql://u:secret@127.0.0.1:${port}/d`, options)
  const before = heapInUse()
  const asked = Array.from({ length: many }, () => sql`select 1`.execute(database.sql).catch(() => undefined))
  await connected
  const taken = heapInUse() - before
  await Promise.all(asked)
  // The driver itself takes 2.5 MB.
  expect(taken).toBeLessThan(6e6)
})

function heapInUse(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

async function portOf(server: Server): Promise<number | undefined> {
  const { promise: listening, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await listening
  const address = server.address()
  return typeof address === 'object' ? address?.port : undefined
}
