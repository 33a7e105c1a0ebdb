import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { type Logger, pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createBullmqQueue } from '../../src/ground/queue/bullmq.ts'
import type { Job, Queue } from '../../src/ground/queue/queue.ts'
import { beginWork, digest, digests, limitsOf, queueContract, untilEmpty } from '../contracts/queue.ts'
import { readableLog } from '../log-lines.ts'
import { makeCertificates } from '../servers/certificates.ts'
import { type Child, startChild } from '../servers/child.ts'
import { freePort } from '../servers/ports.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { startTcpSwitch } from '../servers/tcp-switch.ts'
import { waitUntil } from '../servers/wait.ts'

const LEASE = 2_000
const SILENT = pino({ enabled: false })

let redis: RedisServer
let prefix: string
beforeAll(async () => {
  redis = await startRedis()
})
beforeEach(() => {
  prefix = randomBytes(6).toString('hex')
})
afterAll(() => redis[Symbol.asyncDispose]())

queueContract({ name: 'in Redis', make: limits => instance(limits) })

describe('many processes', () => {
  test('share the work, within one limit for all of them', async () => {
    await using first = instance(limitsOf(3))
    await using second = instance(limitsOf(3))
    const together = countTogether()
    const workers = [first, second].map(queue => beginWork(queue, 'digest', { during: together.count }))
    await first.offer(digests(200))
    await untilEmpty(second)
    await Promise.all(workers.map(worker => worker[Symbol.asyncDispose]()))
    expect(workers.flatMap(worker => worker.done)).toHaveLength(200)
    expect(Math.min(...workers.map(worker => worker.done.length))).toBeGreaterThan(0)
    expect(together.most).toBe(3)
  })

  test('share the work with one that starts later', async () => {
    await using first = instance(limitsOf(4))
    await using second = instance(limitsOf(4))
    await using early = beginWork(first, 'digest', { lasting: 20 })
    await first.offer(digests(2_000))
    await waitUntil('the first at work', () => early.done.length > 20)
    await using late = beginWork(second, 'digest', { lasting: 20 })
    await waitUntil('half the work with each', () => early.inHand.size === 2 && late.inHand.size === 2)
  })

  test('share one rate', async () => {
    const limits = { ...limitsOf(10), digest: { concurrency: 10, rate: 20 } }
    await using first = instance(limits)
    await using second = instance(limits)
    await using worker = beginWork(first, 'digest')
    await using other = beginWork(second, 'digest')
    const began = performance.now()
    await first.offer(digests(42))
    await untilEmpty(second)
    expect(performance.now() - began).toBeGreaterThan(1_850)
    expect(worker.done.length + other.done.length).toBe(42)
  })

  test('take over the jobs in hand of one that was killed, within the same limit', async () => {
    await using queue = instance(limitsOf(4))
    const [killed, other] = [startWorker(4, 200), startWorker(4, 200)]
    try {
      await queue.offer(digests(120))
      await waitUntil(
        'both at work',
        () => reported(killed, 'done').length > 3 && reported(other, 'done').length > 3,
      )
      const begun = reported(killed, 'begun').length
      await waitUntil('one just begun', () => reported(killed, 'begun').length > begun, { every: 5 })
      await killed.kill()
      const died = performance.now()
      const lost = reported(killed, 'begun').filter(id => !reported(killed, 'done').includes(id))
      expect(lost.length).toBeGreaterThan(0)
      await waitUntil('what was lost', () => lost.every(id => reported(other, 'done').includes(id)), {
        every: 5,
      })
      expect(performance.now() - died).toBeLessThan(LEASE + 1_000)
      await untilEmpty(queue)
      expect(new Set([...reported(killed, 'done'), ...reported(other, 'done')]).size).toBe(120)
    } finally {
      await killed.kill()
      await other.stop()
    }
    expect(await other.ended).toBe(0)
  })

  test('finish the jobs in hand when told to stop, leave the rest, and end by themselves', async () => {
    await using queue = instance(limitsOf(2))
    const worker = startWorker(2, 300)
    await queue.offer(digests(6))
    await waitUntil('two jobs in hand', () => reported(worker, 'begun').length === 2)
    await worker.stop()
    expect(await worker.ended).toBe(0)
    expect(reported(worker, 'done').sort()).toEqual(reported(worker, 'begun').sort())
    expect(await queue.depth('digest')).toBe(6 - reported(worker, 'begun').length)
  })
})

describe('bundles', () => {
  const limits = { ...limitsOf(2), digest: { concurrency: 2, together: 10 } }

  test('have as many jobs as leave four for each place, each job once, and count as one', async () => {
    await using queue = instance(limits)
    const sizes: number[] = []
    const seen: string[] = []
    const stopping = new AbortController()
    let inHand = 0
    let most = 0
    await queue.offer(digests(24))
    await queue.offer([...digests(24), digest('more')])
    expect(await queue.depth('digest')).toBe(25)
    const perform = async (bundle: readonly Job[]) => {
      most = Math.max(most, ++inHand)
      await sleep(5)
      sizes.push(bundle.length)
      seen.push(...bundle.map(({ id }) => id))
      inHand--
    }
    const ended = queue.work('digest', perform, stopping.signal)
    await untilEmpty(queue)
    stopping.abort()
    await ended
    expect(sizes.sort()).toEqual([1, 3, 3, 3, 3, 3, 3, 3, 3])
    expect([seen.length, new Set(seen).size, most]).toEqual([25, 25, 2])
  })

  test('have at most as many jobs as is set, and one where there is a rate', async () => {
    for (const [rate, size] of [
      [undefined, 10],
      [1_000, 1],
    ] as const) {
      await using queue = instance({ ...limits, digest: { ...limits.digest, rate } })
      const stopping = new AbortController()
      const bundles: number[] = []
      const perform = async (bundle: readonly Job[]) => void bundles.push(bundle.length)
      await queue.offer(digests(100))
      const ended = queue.work('digest', perform, stopping.signal)
      await untilEmpty(queue)
      stopping.abort()
      await ended
      expect(bundles).toEqual(Array.from({ length: 100 / size }, () => size))
    }
  })

  test('jobs that a dead process left as offered are offered again once nothing waits', async () => {
    await using queue = instance(limits)
    const client = new Redis(redis.url)
    onTestFinished(() => client.disconnect())
    await client.sadd(`${prefix}:digest:offered`, '0', '1')
    await queue.offer(digests(2))
    await using worker = beginWork(queue, 'digest')
    await waitUntil('both jobs', () => worker.done.length === 2)
  })

  test('jobs that a dead process left as offered do not count once nothing waits', async () => {
    await using queue = instance(limits)
    const client = new Redis(redis.url)
    onTestFinished(() => client.disconnect())
    await client.sadd(`${prefix}:digest:offered`, '0', '1')
    expect(await queue.depth('digest')).toBe(0)
    await queue.offer(digests(3))
    expect(await queue.depth('digest')).toBe(3)
  })

  test('that begin with the same job, because two processes offer at once, are all done', async () => {
    const few = { ...limitsOf(1), digest: { concurrency: 1, together: 10 } }
    await using queue = instance(few)
    const client = new Redis(redis.url)
    onTestFinished(() => client.disconnect())
    await queue.offer(digests(5))
    // As if the other process had looked just before.
    await client.del(`${prefix}:digest:offered`)
    await queue.offer(digests(9).slice(4))
    await using worker = beginWork(queue, 'digest')
    await waitUntil('all jobs', () => new Set(worker.done).size === 9)
  })
})

describe('Redis', () => {
  test('that was killed and comes back empty is offered the jobs again, and each is done', async () => {
    await using server = await startRedis()
    await using queue = instance(limitsOf(2), server.url)
    await using another = instance(limitsOf(2), server.url)
    const together = countTogether()
    await using worker = beginWork(queue, 'digest', { held: true, during: together.count })
    await queue.offer(digests(20))
    await waitUntil('two jobs in hand', () => worker.inHand.size === 2)
    await server.kill()
    await server.start({ empty: true })
    worker.letGo()
    await waitUntil('what was in hand', () => worker.done.length === 2)
    await using other = beginWork(another, 'digest', { during: together.count })
    await untilOffered(queue, digests(20))
    await untilEmpty(queue)
    expect(new Set([...worker.done, ...other.done]).size).toBe(20)
    expect(together.most).toBe(2)
  })

  test('that was killed and comes back with its data lets the work go on', async () => {
    await using server = await startRedis()
    await using queue = instance(limitsOf(2), server.url)
    await using worker = beginWork(queue, 'digest', { lasting: 10 })
    await queue.offer(digests(100))
    await waitUntil('some jobs', () => worker.done.length > 10)
    await server.kill()
    await server.start()
    await waitUntil('all jobs', () => new Set(worker.done).size === 100)
  })

  test('that is down is reported at once, and used again when it is back', async () => {
    await using server = await startRedis()
    const { log, lines } = readableLog()
    await using queue = instance(limitsOf(2), server.url, log)
    await using worker = beginWork(queue, 'digest')
    await queue.offer([digest('a')])
    await waitUntil('the first job', () => worker.done.length === 1)
    await server.kill()
    for (const attempt of [() => queue.offer([digest('b')]), () => queue.depth('digest')]) {
      await refusesInTime(attempt, `Redis at 127.0.0.1:${server.port} cannot be reached`)
    }
    // If it came back before anybody tried to connect, no outage would be noticed.
    await waitUntil('the outage to be logged', () => lines.some(line => line.includes('the queue is down')))
    await server.start({ empty: true })
    await untilOffered(queue, [digest('b')])
    await waitUntil('the second job', () => worker.done.includes('b'))
    await waitUntil('its end to be logged', () => lines.some(line => line.includes('the queue is up again')))
    expect(lines.filter(line => line.includes('the queue is down'))).toHaveLength(1)
    expect(lines.filter(line => line.includes('the queue is up again'))).toHaveLength(1)
    expect(lines.join()).not.toContain(server.password)
  })

  test('that was never up is reported, and nothing is left behind', async () => {
    const port = await freePort()
    await using queue = instance(limitsOf(2), `redis://127.0.0.1:${port}`)
    const worker = beginWork(queue, 'digest')
    await refusesInTime(() => queue.offer([digest('a')]), `Redis at 127.0.0.1:${port} cannot be reached`)
    worker.stop()
    await worker.ended
  })

  test('that becomes a replica is left: new jobs reach the new primary, and workers take them there', async () => {
    await using old = await startRedis()
    await using next = await startRedis(['--requirepass', old.password])
    await using proxy = await startTcpSwitch(old.port)
    const { log, lines } = readableLog()
    await using queue = instance(limitsOf(2), old.url.replace(`:${old.port}/`, `:${proxy.port}/`), log)
    await using worker = beginWork(queue, 'digest')
    await queue.offer([digest('a')])
    await waitUntil('the first job', () => worker.done.length === 1)
    proxy.leadTo(next.port)
    await demote(old, next)
    // Not tried again by the test: the queue itself goes on.
    await queue.offer(digests(40))
    await waitUntil('all jobs', () => worker.done.length === 41)
    expect(lines.join()).not.toContain(old.password)
  })

  test('that became a replica leaves nothing behind: an idle worker stays connected to the new primary', async () => {
    await using old = await startRedis()
    await using next = await startRedis(['--requirepass', old.password])
    await using proxy = await startTcpSwitch(old.port)
    const { log, lines } = readableLog()
    await using queue = instance(limitsOf(2), old.url.replace(`:${old.port}/`, `:${proxy.port}/`), log)
    await using worker = beginWork(queue, 'digest')
    await queue.offer([digest('a')])
    await waitUntil('the first job', () => worker.done.length === 1)
    proxy.leadTo(next.port)
    await demote(old, next)
    const atNext = new Redis(next.port, { password: old.password })
    onTestFinished(() => atNext.disconnect())
    // Longer than a connection may be silent.
    const isKept = (line: string) => /bzpopmin/.test(line) && Number(/ age=(\d+)/.exec(line)?.[1]) >= 7
    const clients = async () => String(await atNext.client('LIST')).split('\n')
    await waitUntil('a lasting connection', async () => (await clients()).some(isKept), { timeout: 30_000 })
    expect(lines.join()).not.toContain('Socket timeout')
  })

  test('that is a replica, with no primary in sight, is reported in time', async () => {
    await using server = await startRedis()
    await using queue = instance(limitsOf(2), server.url)
    await demote(server, server)
    await refusesInTime(() => queue.offer([digest('a')]), `Redis at 127.0.0.1:${server.port} is a replica`)
  })

  test('that is a cluster is refused in one sentence, at the start and later', async () => {
    await using server = await startRedis(['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'])
    await using queue = instance(limitsOf(2), server.url)
    for (const attempt of [() => queue.check(), () => queue.offer([digest('a')])]) {
      await expect(attempt()).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(`Redis at 127.0.0.1:${server.port} is a cluster`),
      })
    }
    await expect(queue.depth('digest')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  test('that is down passes the check at the start, because it may be up later', async () => {
    await using queue = instance(limitsOf(2), `redis://127.0.0.1:${await freePort()}`)
    await queue.check()
  })

  test('that goes down while jobs are in hand does not keep a process from stopping', async () => {
    await using server = await startRedis()
    await using queue = instance(limitsOf(2), server.url)
    const worker = beginWork(queue, 'digest', { held: true })
    await queue.offer(digests(4))
    await waitUntil('two jobs in hand', () => worker.inHand.size === 2)
    await server.kill()
    worker.stop()
    worker.letGo()
    const asked = performance.now()
    await worker.ended
    expect(performance.now() - asked).toBeLessThan(5_000)
    expect(worker.done).toHaveLength(2)
  })

  test('that is frozen counts as unreachable soon, and the work goes on when it thaws', async () => {
    await using server = await startRedis()
    await using queue = instance(limitsOf(2), server.url)
    await using worker = beginWork(queue, 'digest')
    await queue.offer([digest('a')])
    await waitUntil('the first job', () => worker.done.length === 1)
    {
      using _frozen = server.freeze()
      await refusesInTime(() => queue.offer([digest('b')]), `Redis at 127.0.0.1:${server.port}`)
      await refusesInTime(() => queue.depth('digest'), `Redis at 127.0.0.1:${server.port}`)
    }
    await untilOffered(queue, [digest('b')])
    await waitUntil('the second job', () => worker.done.includes('b'))
  })

  test('that refuses the password is reported without the password', async () => {
    const { log, lines } = readableLog()
    await using queue = instance(limitsOf(2), `redis://:not-the-password@127.0.0.1:${redis.port}`, log)
    await using _worker = beginWork(queue, 'digest')
    const error = await refusesInTime(
      () => queue.offer([digest('a')]),
      `Redis at 127.0.0.1:${redis.port} refuses user and password: correct those in queue.url`,
    )
    expect(JSON.stringify([error, String(error), error.cause])).not.toContain('not-the-password')
    expect(lines.join()).not.toContain('not-the-password')
  })

  test('is used with the database number of the URL', async () => {
    await using other = instance(limitsOf(2), redis.url.replace(/0$/, '3'))
    await using queue = instance(limitsOf(2))
    await other.offer([digest('a')])
    expect([await other.depth('digest'), await queue.depth('digest')]).toEqual([1, 0])
  })

  test('is reached through TLS if its certificate is trusted', async () => {
    using certificates = makeCertificates('redis')
    const port = await freePort()
    await using server = await startRedis([
      ...[
        '--tls-port',
        String(port),
        '--tls-auth-clients',
        'no',
        '--tls-ca-cert-file',
        certificates.authority,
      ],
      ...['--tls-cert-file', certificates.certificate, '--tls-key-file', certificates.key],
    ])
    const url = `rediss://:${server.password}@localhost:${port}`
    await using queue = instance(limitsOf(1), server.url)
    await queue.offer([digest('a')])
    const worker = startWorker(1, 0, { url, authority: certificates.authority })
    try {
      await waitUntil('the job', () => reported(worker, 'done').length === 1)
    } finally {
      await worker.stop()
    }

    await using distrustful = instance(limitsOf(1), url)
    await refusesInTime(() => distrustful.depth('digest'), 'self-signed certificate')
  })

  test('that may evict keys causes a warning', async () => {
    await using server = await startRedis(['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'])
    const { log, lines } = readableLog()
    await using queue = instance(limitsOf(2), server.url, log)
    await queue.offer([digest('a')])
    await waitUntil('the warning', () => lines.some(line => line.includes('noeviction')))
  })
})

const instance = (limits = limitsOf(2), url = redis.url, log: Logger = SILENT): Queue =>
  createBullmqQueue({ url, prefix, lease: LEASE }, limits, log)

/** Counts the jobs that several workers have in hand at once. */
function countTogether() {
  let now = 0
  const counter = {
    most: 0,
    count: async () => {
      counter.most = Math.max(counter.most, ++now)
      await sleep(5)
      now--
    },
  }
  return counter
}

/** Offers the jobs until it succeeds, as the regular look at the tables does. */
const untilOffered = (queue: Queue, jobs: readonly Job[]) =>
  waitUntil('an offer', () =>
    queue.offer(jobs).then(
      () => true,
      () => false,
    ),
  )

/** Makes a server the replica of another one. */
async function demote(server: RedisServer, primary: RedisServer): Promise<void> {
  const admin = new Redis(server.url)
  await admin.config('SET', 'masterauth', primary.password)
  await admin.replicaof('127.0.0.1', primary.port)
  admin.disconnect()
}

/** Starts a worker in a separate process. */
const startWorker = (concurrency: number, lasting: number, { url = redis.url, authority = '' } = {}): Child =>
  startChild(
    process.execPath,
    [...['test/stack/queue-worker.ts', url, prefix], ...[LEASE, concurrency, lasting].map(String)],
    { env: { ...process.env, NODE_EXTRA_CA_CERTS: authority } },
  )

/** The ids of the jobs that a worker reports as begun or done. */
const reported = (worker: Child, what: 'begun' | 'done'): string[] =>
  worker
    .output()
    .split('\n')
    .filter(line => line.startsWith(`${what} `))
    .map(line => line.slice(what.length + 1))

async function refusesInTime(attempt: () => Promise<unknown>, message: string): Promise<Error> {
  const began = performance.now()
  const error = await attempt().then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ code: 'QUEUE_UNREACHABLE', message: expect.stringContaining(message) })
  expect(performance.now() - began).toBeLessThan(3_000)
  if (!(error instanceof Error)) throw new Error('not refused')
  return error
}
