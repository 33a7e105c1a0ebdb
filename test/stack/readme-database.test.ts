import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asRoot, type MariaDb, startMariaDb } from '../servers/mariadb.ts'
import { createProgram } from './program.ts'

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const TABLES = fileURLToPath(new URL('../servers/amavis-mysql.sql', import.meta.url))

let server: MariaDb

beforeAll(async () => {
  // It runs with skip_name_resolve: 127.0.0.1 and localhost are two hosts.
  server = await startMariaDb()
  await asRoot(server, 'CREATE DATABASE amavis_storage')
  await asRoot(server, readFileSync(TABLES, 'utf8'), 'amavis_storage')
  const [, sql = ''] = /```sql\n(CREATE DATABASE[\s\S]*?)```/.exec(README) ?? []
  await asRoot(server, sql)
})
afterAll(() => server?.[Symbol.asyncDispose]())

test.each(['127.0.0.1', 'a Unix socket'])(
  'with the users and rights of the README, the program works over %s',
  async way => {
    const query = way === '127.0.0.1' ? '' : `?socketPath=${encodeURIComponent(server.socketPath)}`
    const host = way === '127.0.0.1' ? way : 'localhost'
    const url = (database: string) =>
      `mysql://amavis_digest:another%20password@${host}:${server.port}/${database}${query}`
    using program = await createProgram({
      storage: { url: url('amavis_storage') },
      state: { url: url('amavis_digest') },
    })
    expect(await program.command('migrate')).toMatchObject({ status: 0 })
    expect(await program.command('run', '--json')).toMatchObject({
      status: 0,
      stdout: '{"digests":0,"items":0,"sent":0,"failed":0}\n',
    })
  },
)
