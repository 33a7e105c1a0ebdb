import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Job as BullJob, Queue as BullQueue, WaitingError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { chunks } from '../database/chunks.ts'
import { SECOND } from '../durations.ts'
import type { Job, JobKind, Queue, QueueLimit, QueueLimits } from './queue.ts'
import { type RedisServer, redisServer } from './redis.ts'

export interface BullmqOptions {
  readonly url: string
  /** Begins the names of the keys. */
  readonly prefix: string
  /** Milliseconds after which a dead worker's jobs are free again. */
  readonly lease: number
}

/** A queue in Redis or Valkey, for processes on any number of machines. */
export function createBullmqQueue(options: BullmqOptions, limits: QueueLimits, log: Logger): Queue {
  const server = redisServer(options.url, log)
  const redis = server.impatient()
  // Everybody who offers while it is away waits for the same event; BullMQ counts its own on top of this.
  redis.setMaxListeners(1_000)
  redis.once('ready', () => void warnOfEviction(redis, server, log))
  const queues = { digest: queueOf('digest'), release: queueOf('release') }
  const disposed = new AbortController()
  const working = new Set<Promise<void>>()

  function queueOf(kind: JobKind) {
    const queue = new BullQueue(kind, {
      ...COMMON,
      connection: redis,
      prefix: options.prefix,
      skipMetasUpdate: true,
    })
    // The connection's own listener tells of them; without one here BullMQ prints them, with the password.
    return queue.on('error', () => {})
  }

  return {
    offer: async jobs => {
      for (const kind of KINDS) {
        const ids = jobs.filter(job => job.kind === kind).map(job => job.id)
        if (ids.length === 0) continue
        // Again each time: Redis may have lost them with all the rest.
        await reach(redis, server, () => setLimits(queues[kind], limits[kind]))
        for (const chunk of chunks(ids))
          await reach(redis, server, () => queues[kind].addBulk(chunk.map(toBull)))
      }
    },
    work: async (kind, perform, signal) => {
      const until = AbortSignal.any([signal, disposed.signal])
      if (until.aborted) return
      const work = workUntil(until, kind, perform)
      working.add(work)
      await work.finally(() => working.delete(work))
    },
    depth: kind => reach(redis, server, () => queues[kind].getJobCountByTypes('wait', 'active')),
    [Symbol.asyncDispose]: async () => {
      disposed.abort()
      await Promise.all(working)
      redis.disconnect()
    },
  }

  async function workUntil(signal: AbortSignal, kind: JobKind, perform: (job: Job) => Promise<void>) {
    const connection = server.patient()
    const inHand = new Set<Promise<void>>()
    const process = async (job: BullJob, token?: string) => {
      if (signal.aborted) return giveBack(job, token)
      const done = perform({ kind, id: idOf(job) }).catch(() => {
        // Its row is still there, and whoever does the work has told of the failure.
      })
      inHand.add(done)
      await done
      inHand.delete(done)
    }
    const worker = new Worker(kind, process, {
      ...COMMON,
      connection,
      prefix: options.prefix,
      concurrency: limits[kind].concurrency,
      ...leaseOf(options.lease),
      ...PATIENCE,
    })
    worker.on('error', error => log.debug({ kind, error: error.message }, 'queue worker'))
    const sharing = setInterval(() => void share(worker, kind), SHARE_EVERY)
    if (!signal.aborted) await once(signal, 'abort')
    clearInterval(sharing)
    const closed = worker.close()
    await Promise.all(inHand)
    await Promise.race([closed, sleep(LAST_WORDS, undefined, { ref: false })])
    connection.disconnect()
    await closed
  }

  /** A worker that may take all never leaves a place to another one: it asks for the next job as it ends one. */
  async function share(worker: Worker, kind: JobKind): Promise<void> {
    const { concurrency } = limits[kind]
    const workers = await reach(redis, server, () => queues[kind].getWorkersCount()).catch(() => undefined)
    if (workers !== undefined) worker.concurrency = Math.ceil(concurrency / Math.max(1, workers))
  }
}

const KINDS = ['digest', 'release'] as const satisfies readonly JobKind[]

/** BullMQ's own look at the server tells people of it on the console. */
const COMMON = { skipVersionCheck: true, skipWaitingForReady: true } as const

const PATIENCE = {
  // Seconds: a worker that waits learns that late of a place that another one has left.
  drainDelay: 1,
  // Milliseconds before Redis is asked again when it was away.
  runRetryDelay: SECOND,
  // Whether a job is done too often is for its row to say.
  maxStalledCount: 1_000_000,
} as const

/** How often a worker looks how many there are, in milliseconds. */
const SHARE_EVERY = SECOND

/** How long a worker may take to tell Redis how its last jobs ended, in milliseconds. */
const LAST_WORDS = 2 * SECOND

/** How long Redis may take to answer, in milliseconds. */
const ANSWER_TIME = 2_500

/** A lock that was not renewed is found at the second look after its end at the latest. */
const leaseOf = (lease: number) => ({
  lockDuration: Math.max(1, Math.round(lease / 2)),
  stalledInterval: Math.max(1, Math.round(lease / 4)),
})

/** Ids of BullMQ's jobs are no numbers. What has ended is forgotten at once: it may be offered again. */
const toBull = (id: string) => ({
  name: 'due',
  data: null,
  opts: { jobId: `${ID_PREFIX}${id}`, attempts: 1, removeOnComplete: true, removeOnFail: true },
})

const idOf = (job: BullJob): string => (job.id ?? '').slice(ID_PREFIX.length)

const ID_PREFIX = 'row-'

/** A job that came when the work was over waits for somebody else. */
async function giveBack(job: BullJob, token: string | undefined): Promise<never> {
  await job.moveToWait(token)
  throw new WaitingError()
}

async function setLimits(queue: BullQueue, { concurrency, rate }: QueueLimit): Promise<void> {
  await queue.setGlobalConcurrency(concurrency)
  if (rate === undefined) await queue.removeGlobalRateLimit()
  else {
    // Counted in short spans, so that the jobs of a second do not come all at once.
    const max = Math.ceil(rate / 10)
    await queue.setGlobalRateLimit(max, Math.ceil((max * SECOND) / rate))
  }
}

/** Does it as soon as Redis is there, and fails in time when it is not. */
async function reach<T>(redis: Redis, server: RedisServer, work: () => Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const waiting = new AbortController()
  const timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_TIME} ms`)), ANSWER_TIME)
  const done = untilReady(redis, waiting.signal).then(work)
  try {
    return await Promise.race([done, late])
  } catch (error) {
    throw server.explain(error)
  } finally {
    clearTimeout(timer)
    waiting.abort()
    done.catch(() => {})
  }
}

async function untilReady(redis: Redis, signal: AbortSignal): Promise<void> {
  if (redis.status === 'ready') return
  // How it ends is told by the events.
  if (redis.status === 'wait') redis.connect().catch(() => {})
  await once(redis, 'ready', { signal })
}

/** A job whose list is evicted keeps its id taken, and is never done. */
async function warnOfEviction(redis: Redis, { address }: RedisServer, log: Logger): Promise<void> {
  const memory = await redis.info('memory').catch(() => '')
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1]
  if (policy === undefined || policy === 'noeviction') return
  log.warn({ address, policy }, 'Redis may evict the queue: set its maxmemory-policy to noeviction')
}
