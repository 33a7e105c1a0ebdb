import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startMariaDb } from '../servers/mariadb.ts'
import { answers } from '../servers/ports.ts'
import { startPostgres } from '../servers/postgres.ts'
import { waitUntil } from '../servers/wait.ts'
import { digestFor } from './digest-mail.ts'
import { FORM, follow, JSON_ONLY } from './follow.ts'
import type { Program, Service } from './program.ts'
import { hold, runJson, startWorld, type World } from './world.ts'

/** Servers for these tests alone, which stop, kill and freeze them. */
const SERVERS = [
  {
    name: 'MariaDB',
    open: async () => {
      const mariaDb = await startMariaDb()
      return { server: mariaDb, at: { mariaDb } }
    },
  },
  {
    name: 'PostgreSQL',
    open: async () => {
      const postgres = await startPostgres()
      return { server: postgres, at: { postgres } }
    },
  },
]

let server: Awaited<ReturnType<(typeof SERVERS)[number]['open']>>['server']
let world: World
/** A program that collects every second. */
let program: Program

describe.each(SERVERS)('on $name', ({ open }) => {
  beforeAll(async () => {
    const opened = await open()
    server = opened.server
    world = await startWorld({
      ...opened.at,
      settings: { collect: { every: '1s' }, delivery: { lease: '5s' } },
    })
    program = world.program
  })
  beforeEach(async () => {
    if (!(await answers(server.port))) await server.start()
    await world.reset()
  })
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
  })

  test('serve survives an outage of the database: it is not ready, refuses clicks, and then goes on', async () => {
    await hold(world, 'alice@example.com', { subject: 'Patient' })
    await runJson(program)
    const { release } = digestFor(world.digests.mails, 'alice@example.com')
    await using service = await program.serve()
    await server.stop()
    expect(await ask(service, '/readyz')).toMatchObject({
      status: 503,
      json: {
        status: 'not-ready',
        reasons: ['storage: DATABASE_UNREACHABLE', 'state: DATABASE_UNREACHABLE'],
      },
    })
    expect(await ask(service, '/healthz')).toMatchObject({ status: 200 })
    expect(await click(service, release('Patient'))).toMatchObject({
      status: 503,
      json: { status: 'failed', code: 'DATABASE_UNREACHABLE' },
    })
    const page = await follow(service, release('Patient'))
    expect(page.status).toBe(503)
    expect(page.text).not.toContain(String(server.port))
    await waitUntil('the failure to be logged', () => service.log().includes('collecting failed'))

    await server.start()
    await waitUntil('it to be ready', async () => (await ask(service, '/readyz')).status === 200)
    expect(await click(service, release('Patient'))).toMatchObject({
      status: 200,
      json: { status: 'released' },
    })
    await hold(world, 'bob@example.com')
    await waitUntil('bob’s message to be collected', async () => (await itemsOf('bob@example.com')) === 1)
    expect(service.log()).not.toContain(world.storage.password)
    expect(await service.stop()).toBe(0)
  })

  test('serve soon reports that a frozen database is unreachable, and goes on when it thaws', async () => {
    await using service = await program.serve()
    {
      using _frozen = server.freeze()
      const started = performance.now()
      expect(await ask(service, '/readyz')).toMatchObject({
        status: 503,
        json: { reasons: ['storage: DATABASE_UNREACHABLE', 'state: DATABASE_UNREACHABLE'] },
      })
      expect(performance.now() - started).toBeLessThan(5_000)
      expect(await ask(service, '/healthz')).toMatchObject({ status: 200 })
    }
    await waitUntil('it to be ready', async () => (await ask(service, '/readyz')).status === 200)
    await hold(world, 'alice@example.com')
    await waitUntil('it to collect', async () => (await itemsOf('alice@example.com')) === 1)
    expect(await service.stop()).toBe(0)
  })

  test('serve waits for a database that is down at its start, and run says what to check', async () => {
    await hold(world, 'alice@example.com')
    await server.stop()
    const run = await program.command('run')
    expect(run.status).toBe(1)
    expect(run.stderr).toBe(
      `amavis-digest: storage database: no connection to 127.0.0.1:${server.port} (ECONNREFUSED). Is the server running, and is the address right?\n`,
    )
    await using service = await program.serve({ ready: false })
    expect(await ask(service, '/readyz')).toMatchObject({ status: 503 })
    await waitUntil('it to say so', () => service.log().includes('trying again in 5 s'))
    await server.start()
    await waitUntil('it to be ready', async () => (await ask(service, '/readyz')).status === 200)
    await waitUntil('it to collect', async () => (await itemsOf('alice@example.com')) === 1)
  })

  test('serve stops at once even while it waits for the database', async () => {
    await server.stop()
    const service = await program.serve({ ready: false })
    const started = performance.now()
    expect(await service.stop()).toBe(0)
    expect(performance.now() - started).toBeLessThan(5_000)
    await server.start()
  })

  test('if the database dies during a run, each reader gets a digest, and a repeat is the same digest', async () => {
    await holdForMany()
    const run = program.spawn('run')
    await waitUntil('the first digests', () => world.digests.mails.length >= 5, { every: 2 })
    // The run waits a while for the database to record what it has sent.
    await server.kill()
    await server.start()
    await run.ended
    await everybodyHasOneDigest()
  })

  test('if the run itself dies, each reader gets a digest, and a repeat is the same digest', async () => {
    await holdForMany()
    const run = program.spawn('run')
    await waitUntil('the first digests', () => world.digests.mails.length >= 5, { every: 2 })
    await run.kill()
    await everybodyHasOneDigest()
  })
})

const READERS = Array.from({ length: 150 }, (_, index) => `reader${index}@example.com`)

/** Holds one message for all readers, who are as many as amavisd takes in one SMTP transaction. */
async function holdForMany(): Promise<void> {
  await hold(world, READERS, { subject: 'To all' })
  await waitUntil('all rows', async () => {
    const [row] = await world.storage.query<{ held: number }>('SELECT COUNT(*) AS held FROM msgrcpt')
    return row?.held === READERS.length
  })
}

/** Runs again until the leases of a dead process, which last 5 s, have expired. */
async function everybodyHasOneDigest(): Promise<void> {
  await waitUntil(
    'all digests',
    async () => {
      await runJson(program)
      return new Set(world.digests.mails.map(mail => mail.to[0])).size === READERS.length
    },
    { timeout: 30_000, every: 500 },
  )
  const ids = Map.groupBy(world.digests.mails, mail => mail.to[0])
  for (const [reader, mails] of ids) {
    expect(new Set(mails.map(mail => mail.parsed.messageId)).size, reader).toBe(1)
  }
  expect(await runJson(program)).toEqual({ digests: 0, items: 0, sent: 0, failed: 0 })
}

async function itemsOf(reader: string): Promise<number> {
  const rows = await world.storage.query('SELECT item_id FROM digest_item WHERE reader = ?', [reader])
  return rows.length
}

const ask = (service: Service, path: string) => follow(service, service.url + path, { headers: JSON_ONLY })

const click = (service: Service, link: string) =>
  follow(service, link, { method: 'POST', headers: { ...JSON_ONLY, ...FORM } })
