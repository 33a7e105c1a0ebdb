import { readFileSync } from 'node:fs'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import { expect, inject, test } from 'vitest'
import { heldRows } from '../servers/held.ts'
import { asRoot } from '../servers/mariadb.ts'
import { asPostgres } from '../servers/postgres.ts'
import type { Storage } from '../servers/storage.ts'
import { digestFor } from './digest-mail.ts'
import { FORM, follow, JSON_ONLY } from './follow.ts'
import { type Program, PUBLIC_URL } from './program.ts'
import { hold, runJson, startWorld, type World } from './world.ts'

/** Each server's block of the README, which an admin copies. The names in it are replaced by those of the test. */
const BLOCKS = {
  mariadb: { of: /CREATE USER.*IDENTIFIED/, run: runOnMariaDb },
  postgres: { of: /CREATE USER.*PASSWORD/, run: runOnPostgres },
} as const

test.each(['mariadb', 'postgres'] as const)(
  'with the grants of the README, the main job works on %s: migrate, a digest, reading, a release',
  async kind => {
    await using world = await startWorld({ database: kind })
    await using granted = await grantedByReadme(kind, world.storage)
    const program = await world.configure({
      storage: { url: granted.storageUrl },
      state: { url: granted.stateUrl },
    })
    expect(await program.command('migrate')).toMatchObject({ status: 0 })
    await mainJob(world, program)
    for (const statement of FORBIDDEN) await expect(granted.ask(statement), statement).rejects.toThrow()
  },
)

async function mainJob(world: World, program: Program): Promise<void> {
  await hold(world, 'alice@example.com', { subject: 'Wanted' })
  expect(await runJson(program)).toMatchObject({ digests: 1, sent: 1, failed: 0 })
  const { digest, release } = digestFor(world.digests.mails, 'alice@example.com')
  await using service = await program.serve()
  const [, inside = ''] =
    /href="([^"]+\/digest\/[^"/]+\/held\/[^"]+)"/.exec((await follow(service, digest)).text) ?? []
  expect((await follow(service, new URL(inside, PUBLIC_URL).href)).text).toContain('class="message-text"')
  const released = await follow(service, release('Wanted'), {
    method: 'POST',
    headers: { ...JSON_ONLY, ...FORM },
  })
  expect(released.json).toMatchObject({ status: 'released' })
  expect(world.mta.mails.map(mail => mail.to)).toEqual([['alice@example.com']])
  await expect.poll(async () => (await heldRows(world.storage)).map(row => row.rs.trim())).toEqual(['R'])
  expect(await program.command('status')).toMatchObject({ status: 0, stderr: '' })
}

/** What the program never needs. */
const FORBIDDEN = [
  'DELETE FROM quarantine WHERE chunk_ind < 0',
  "UPDATE msgrcpt SET ds = 'P' WHERE rid < 0",
  "UPDATE msgs SET content = 'S' WHERE time_num < 0",
  'DELETE FROM msgrcpt WHERE rid < 0',
]

interface Granted extends AsyncDisposable {
  readonly storageUrl: string
  readonly stateUrl: string
  /** Runs a statement in amavis's database, as the user of the README. */
  ask(statement: string): Promise<unknown>
}

function grantedByReadme(kind: 'mariadb' | 'postgres', storage: Storage): Promise<Granted> {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const { of, run } = BLOCKS[kind]
  const [block] = [...readme.matchAll(/^ *```sql\n([\s\S]*?)^ *```/gm)]
    .map(([, text = '']) => text)
    .filter(text => of.test(text))
  if (block === undefined) throw new Error(`README.md has no block of SQL for ${kind}`)
  const { database } = storage as Storage & { readonly database: string }
  const own = `${database}_own`
  const password = /(?:IDENTIFIED BY|PASSWORD) '([^']*)'/.exec(block)?.[1] ?? ''
  return run(block.replaceAll('amavis_storage', database).replaceAll('amavis_digest', own), {
    database,
    own,
    password,
  })
}

interface Names {
  readonly database: string
  /** Of the program's own database, and of its user. */
  readonly own: string
  readonly password: string
}

async function runOnMariaDb(block: string, { database, own, password }: Names): Promise<Granted> {
  const server = inject('mariaDb')
  await asRoot(server, block)
  const url = (name: string) =>
    `mysql://${own}:${encodeURIComponent(password)}@127.0.0.1:${server.port}/${name}`
  return {
    storageUrl: url(database),
    stateUrl: url(own),
    ask: async statement => {
      const connection = await createConnection(url(database))
      try {
        await connection.query(statement)
      } finally {
        await connection.end()
      }
    },
    [Symbol.asyncDispose]: async () => {
      await asRoot(server, `DROP DATABASE ${own}; DROP USER ${own}@localhost, ${own}@'127.0.0.1'`)
    },
  }
}

async function runOnPostgres(block: string, { database, own, password }: Names): Promise<Granted> {
  const server = inject('postgres')
  // As psql does: \c changes the database for what follows.
  const [first = '', ...others] = block.split(/^\\c +/m)
  await inDatabase('postgres', first)
  for (const part of others) {
    const [name = '', ...statements] = part.split('\n')
    await inDatabase(name.trim(), statements.join('\n'))
  }
  const url = (name: string) =>
    `postgres://${own}:${encodeURIComponent(password)}@127.0.0.1:${server.port}/${name}`
  return {
    storageUrl: url(database),
    stateUrl: url(own),
    ask: async statement => {
      const client = new pg.Client(url(database))
      await client.connect()
      try {
        await client.query(statement)
      } finally {
        await client.end()
      }
    },
    [Symbol.asyncDispose]: async () => {
      await inDatabase('postgres', `DROP DATABASE ${own} WITH (FORCE)`)
      await inDatabase(database, `DROP OWNED BY ${own}`)
      await inDatabase(database, `DROP ROLE ${own}`)
    },
  }

  /** One statement at a time: CREATE DATABASE allows no others beside it. */
  async function inDatabase(name: string, statements: string): Promise<void> {
    for (const statement of statements.split(';').filter(text => text.trim() !== '')) {
      await asPostgres(server, statement, name)
    }
  }
}
