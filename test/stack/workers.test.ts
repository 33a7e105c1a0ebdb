import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Child } from '../servers/child.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { waitUntil } from '../servers/wait.ts'
import { digestFor } from './digest-mail.ts'
import type { Program } from './program.ts'
import { hold, startWorld, type World } from './world.ts'

let world: World
let redis: RedisServer
let program: Program
const running = new AsyncDisposableStack()
let workers: Child[] = []

beforeAll(async () => {
  redis = running.use(await startRedis())
  world = running.use(await startWorld())
  program = await world.configure({
    queue: { kind: 'redis', url: redis.url },
    delivery: { lease: '5s' },
    collect: { every: '1s' },
  })
})
beforeEach(() => world.reset())
afterEach(async () => {
  await Promise.all(workers.map(worker => worker.stop()))
  workers = []
})
afterAll(() => running.disposeAsync())

test('everybody gets one digest from four workers, even if one is killed and Redis comes back empty', async () => {
  const readers = await leaveDigests(150)
  await using _service = await program.serve()
  const held = world.digests.holdAnswers()
  const [victim] = await startWorkers(4)
  await waitUntil('all connections to be in use', () => held.count() >= 8)
  await victim?.kill()
  await redis.kill()
  await redis.start({ empty: true })
  held.answer()
  await waitUntil('all to be sent', async () => (await statesOf('sent')) === readers.length, {
    timeout: 40_000,
  })
  for (const reader of readers) digestFor(world.digests.mails, reader)
  const messageIds = world.digests.mails.map(mail => mail.parsed.messageId)
  expect(new Set(messageIds).size).toBe(readers.length)
})

test('a worker asks again for a release that amavisd could not do at once', async () => {
  const [held] = await hold(world, 'alice@example.com', { subject: 'Wanted' })
  await world.program.command('run')
  await world.amavisd.stop()
  const { status, stdout } = await program.command(
    ...['release', held.mail_id, '--recipient', 'alice@example.com', '--json'],
  )
  expect([status, JSON.parse(stdout).status]).toEqual([0, 'queued'])
  await world.amavisd.start()
  await using _service = await program.serve()
  await startWorkers(1)
  await world.mta.waitFor(mail => mail.parsed.subject === 'Wanted')
})

test('a worker that is told to stop finishes the mails in hand and ends with 0, and others send the rest', async () => {
  const readers = await leaveDigests(30)
  await using _service = await program.serve()
  const held = world.digests.holdAnswers()
  const [first] = await startWorkers(1)
  await waitUntil('mails in hand', () => held.count() > 0)
  if (first) process.kill(first.pid, 'SIGTERM')
  await waitUntil('the stop to begin', () => first?.output().includes('finishing the work in hand'))
  held.answer()
  expect(await first?.ended).toBe(0)
  const sent = await statesOf('sent')
  expect(sent).toBe(world.digests.mails.length)
  await startWorkers(1)
  await waitUntil('all to be sent', async () => (await statesOf('sent')) === readers.length)
  expect(world.digests.mails).toHaveLength(readers.length)
})

test('a worker without Redis says what to configure', async () => {
  const { status, stderr } = await world.program.command('worker')
  expect(status).toBe(2)
  expect(stderr).toContain('Set queue: { kind: redis')
})

test('a Redis cluster is refused at the start', async () => {
  await using cluster = await startRedis(['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'])
  const misled = await world.configure({ queue: { kind: 'redis', url: cluster.url } })
  for (const command of ['serve', 'worker']) {
    const { status, stderr } = await misled.command(command)
    expect(status).toBe(2)
    expect(stderr).toContain('is a cluster, which the queue cannot use')
    expect(stderr).not.toContain(cluster.password)
  }
})

/** Leaves unsent digests for a number of readers. */
async function leaveDigests(count: number): Promise<string[]> {
  const readers = Array.from({ length: count }, (_, index) => `reader${index}@example.com`)
  await hold(world, readers)
  await world.digests.stop()
  await world.program.command('run')
  await world.digests.start()
  await world.storage.query('UPDATE digest_digest SET next_attempt_at = 0')
  return readers
}

async function startWorkers(count: number): Promise<Child[]> {
  const started = Array.from({ length: count }, () => program.spawn('worker'))
  workers.push(...started)
  await Promise.all(
    started.map(worker =>
      worker.whileAlive(waitUntil('a worker', () => worker.output().includes('"msg":"ready"'))),
    ),
  )
  return started
}

async function statesOf(state: string): Promise<number> {
  const rows = await world.storage.query('SELECT digest_id FROM digest_digest WHERE state = ?', [state])
  return rows.length
}
