import { hash } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Job as BullJob, Queue as BullQueue, WaitingError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { chunks } from '../database/chunks.ts'
import { SECOND } from '../durations.ts'
import { CodedError } from '../errors.ts'
import type { Job, JobKind, Queue, QueueLimit, QueueLimits } from './queue.ts'
import { clusterRefusal, type RedisServer, redisServer } from './redis.ts'

export interface BullmqOptions {
  readonly url: string
  /** The prefix of all keys. */
  readonly prefix: string
  /** Milliseconds after which other workers may take a dead worker's jobs. */
  readonly lease: number
}

/** A queue in Redis or Valkey, for processes on any number of machines. */
export function createBullmqQueue(options: BullmqOptions, limits: QueueLimits, log: Logger): Queue {
  const server = redisServer(options.url, log)
  const redis = server.connectFailingFast()
  // While Redis is down, all callers wait for the same event; BullMQ adds listeners of its own.
  redis.setMaxListeners(1_000)
  redis.once('ready', () => void warnAboutEviction(redis, server, log))
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
    // The connection's own listener reports errors. Without a listener here, BullMQ would print them with the password.
    return queue.on('error', () => {})
  }

  let isUsable = false
  const whenUsable = <T>(work: () => Promise<T>): Promise<T> =>
    whenReady(redis, server, async () => {
      if (!isUsable) await requireNoCluster(redis, server)
      isUsable = true
      return work()
    })

  return {
    isShared: true,
    check: () => whenUsable(async () => {}).catch(ignoringOutage),
    offer: async jobs => {
      for (const kind of KINDS) {
        const ids = jobs.filter(job => job.kind === kind).map(job => job.id)
        if (ids.length === 0) continue
        // Set each time, because Redis may have lost the limits together with all other data.
        await whenUsable(() => setLimits(queues[kind], limits[kind]))
        await offerNew(kind, ids)
      }
    },
    work: async (kind, perform, signal) => {
      const until = AbortSignal.any([signal, disposed.signal])
      if (until.aborted) return
      const work = workUntil(until, kind, perform)
      working.add(work)
      await work.finally(() => working.delete(work))
    },
    // What a dead process left in the set must not seem to fill the queue: nobody would offer anything any more.
    depth: kind => whenUsable(async () => ((await isIdle(kind)) ? 0 : redis.scard(offeredKey(kind)))),
    [Symbol.asyncDispose]: async () => {
      disposed.abort()
      await Promise.all(working)
      redis.disconnect()
    },
  }

  /** The set of all jobs that wait or are in hand. */
  function offeredKey(kind: JobKind): string {
    return queues[kind].toKey('offered')
  }

  async function offerNew(kind: JobKind, ids: readonly string[]): Promise<void> {
    await whenUsable(() => forgetIfIdle(kind))
    const fresh: string[] = []
    for (const chunk of chunks(ids)) fresh.push(...(await whenUsable(() => notOffered(kind, chunk))))
    const bundles = [...chunks(fresh, bundleSize(fresh.length, limits[kind]))]
    for (const chunk of chunks(bundles)) await whenUsable(() => addBundles(kind, chunk))
  }

  /** A process that died, or could not reach Redis, may have left jobs in the set. */
  async function forgetIfIdle(kind: JobKind): Promise<void> {
    if (await isIdle(kind)) await redis.del(offeredKey(kind))
  }

  async function isIdle(kind: JobKind): Promise<boolean> {
    return (await queues[kind].getJobCountByTypes('wait', 'active')) === 0
  }

  async function notOffered(kind: JobKind, ids: readonly string[]): Promise<Set<string>> {
    const known = await redis.smismember(offeredKey(kind), ...ids)
    return new Set(ids.filter((_, index) => known[index] === 0))
  }

  /** The set comes first, because a worker takes out of it what it has done. */
  async function addBundles(kind: JobKind, bundles: readonly (readonly string[])[]): Promise<void> {
    await redis.sadd(offeredKey(kind), ...bundles.flat())
    await queues[kind].addBulk(bundles.map(toBullJob))
  }

  async function workUntil(
    signal: AbortSignal,
    kind: JobKind,
    perform: (bundle: readonly Job[]) => Promise<void>,
  ) {
    const connection = server.connectWaiting()
    const running = new Set<Promise<void>>()
    const process = async (job: BullJob<readonly string[]>, token?: string) => {
      if (signal.aborted) return giveBack(job, token)
      const ids = idsOf(job)
      const done = perform(ids.map(id => ({ kind, id }))).catch(() => {
        // The rows are still there, and `perform` has reported the failure itself.
      })
      running.add(done)
      await done
      running.delete(done)
      await connection.srem(offeredKey(kind), ...ids)
    }
    const worker = new ImpatientWorker(kind, process, {
      ...COMMON,
      connection,
      prefix: options.prefix,
      concurrency: limits[kind].concurrency,
      ...leaseOf(options.lease),
      ...TIMING,
    })
    worker.on('error', error => log.debug({ kind, error: error.message }, 'queue worker'))
    void shareConcurrency(worker, kind)
    const sharing = setInterval(() => void shareConcurrency(worker, kind), SHARE_EVERY)
    if (!signal.aborted) await once(signal, 'abort')
    clearInterval(sharing)
    const closed = worker.close()
    await Promise.all(running)
    await Promise.race([closed, sleep(CLOSE_TIME, undefined, { ref: false })])
    connection.disconnect()
    await closed
  }

  /**
   * Divides the concurrency among the workers. A worker that may use all of it would leave nothing to the others: it
   * asks for the next job as soon as it ends one.
   */
  async function shareConcurrency(worker: Worker, kind: JobKind): Promise<void> {
    const { concurrency } = limits[kind]
    const workers = await whenUsable(() => queues[kind].getWorkersCount()).catch(() => undefined)
    if (workers !== undefined) worker.concurrency = Math.ceil(concurrency / Math.max(1, workers))
  }
}

const KINDS = ['digest', 'release'] as const satisfies readonly JobKind[]

/** Without BullMQ's own check of the server, which writes to the console. */
const COMMON = { skipVersionCheck: true, skipWaitingForReady: true } as const

const TIMING = {
  // In seconds: the time until a waiting worker notices that another one has left it a place.
  drainDelay: 1,
  // Milliseconds before Redis is asked again after it was down.
  runRetryDelay: SECOND,
  // No limit: the row decides whether a job has been tried too often.
  maxStalledCount: 1_000_000,
} as const

/**
 * After an error, such as a failover, BullMQ asks Redis to answer after ten seconds only. That is longer than a
 * connection may be silent, so that it would be taken for dead, and opened again and again.
 */
class ImpatientWorker extends Worker {
  override get maximumBlockTimeout(): number {
    return TIMING.drainDelay
  }
}

/** How often a worker counts the workers, in milliseconds. */
const SHARE_EVERY = SECOND

/** How long a worker may take to report the end of its last jobs to Redis, in milliseconds. */
const CLOSE_TIME = 2 * SECOND

/** How long Redis may take to answer, in milliseconds. */
const ANSWER_TIME = 2_500

/** An expired lock is found at the second check after it expires at the latest. */
const leaseOf = (lease: number) => ({
  lockDuration: Math.max(1, Math.round(lease / 2)),
  stalledInterval: Math.max(1, Math.round(lease / 4)),
})

/**
 * A bundle costs BullMQ as much as a single job. There are at least four for each place, so that all places are in use
 * and the workers end at about the same time.
 */
function bundleSize(jobs: number, { concurrency, together = 1, rate }: QueueLimit): number {
  const fair = Math.ceil(jobs / (4 * concurrency))
  return rate === undefined ? Math.max(1, Math.min(together, fair)) : 1
}

/**
 * A bundle is named by its jobs, so that it is not added again when adding is repeated after a failover. All of them
 * count: a bundle that only begins as another one does would not be added, and its other jobs would be in no bundle.
 * BullMQ takes no number as a job id. What has ended is forgotten at once, so that it may be offered again.
 */
const toBullJob = (ids: readonly string[]) => ({
  name: 'due',
  data: ids,
  opts: {
    jobId: `rows-${hash('sha256', ids.join())}`,
    attempts: 1,
    removeOnComplete: true,
    removeOnFail: true,
  },
})

const idsOf = (job: BullJob<readonly string[]>): readonly string[] => job.data

/** Leaves a job that came after the stop to another worker. */
async function giveBack(job: BullJob, token: string | undefined): Promise<never> {
  await job.moveToWait(token)
  throw new WaitingError()
}

async function setLimits(queue: BullQueue, { concurrency, rate }: QueueLimit): Promise<void> {
  await queue.setGlobalConcurrency(concurrency)
  if (rate === undefined) await queue.removeGlobalRateLimit()
  else {
    // In spans of about 100 ms, so that the jobs of a second do not come all at once.
    const max = Math.ceil(rate / 10)
    await queue.setGlobalRateLimit(max, Math.ceil((max * SECOND) / rate))
  }
}

/**
 * Does `work` as soon as Redis is ready, and fails if there is no answer in time. After a failover it is done again on
 * the new primary: jobs that were added already are not added twice.
 */
async function whenReady<T>(redis: Redis, server: RedisServer, work: () => Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const waiting = new AbortController()
  const demotions = server.demotions()
  const isDemoted = () => server.demotions() > demotions
  const giveUp = () => {
    const reason = isDemoted() ? 'READONLY it is a replica' : `no answer within ${ANSWER_TIME} ms`
    reject(new Error(reason))
  }
  const timer = setTimeout(giveUp, ANSWER_TIME)
  const done = onPrimary(redis, isDemoted, waiting.signal, work)
  try {
    return await Promise.race([done, late])
  } catch (error) {
    throw error instanceof CodedError ? error : server.explain(error)
  } finally {
    clearTimeout(timer)
    waiting.abort()
    done.catch(() => {})
  }
}

async function onPrimary<T>(
  redis: Redis,
  isDemoted: () => boolean,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      await untilReady(redis, signal)
      return await work()
    } catch (error) {
      // The connection to the replica is being closed; until that is done, it seems to be ready.
      if (signal.aborted || !isDemoted()) throw error
      await sleep(DEMOTION_PAUSE)
    }
  }
}

/** Milliseconds until a new connection is tried after a failover. */
const DEMOTION_PAUSE = 50

async function untilReady(redis: Redis, signal: AbortSignal): Promise<void> {
  if (redis.status === 'ready') return
  // The events tell how connecting ends.
  if (redis.status === 'wait') redis.connect().catch(() => {})
  await once(redis, 'ready', { signal })
}

/** A cluster would refuse the scripts of BullMQ, because their keys lie on several nodes. */
async function requireNoCluster(redis: Redis, { address }: RedisServer): Promise<void> {
  // A user who may not ask learns it from the answer to the first command.
  const cluster = await redis.info('cluster').catch(() => '')
  if (/^cluster_enabled:1/m.test(cluster)) throw new CodedError('CONFIG_INVALID', clusterRefusal(address))
}

/** A server that is down may be up later. */
function ignoringOutage(error: unknown): void {
  if (error instanceof CodedError && error.code === 'QUEUE_UNREACHABLE') return
  throw error
}

/** If Redis evicts the list that a job is in, the job is never done, and its id stays taken. */
async function warnAboutEviction(redis: Redis, { address }: RedisServer, log: Logger): Promise<void> {
  const memory = await redis.info('memory').catch(() => '')
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1]
  if (policy === undefined || policy === 'noeviction') return
  log.warn({ address, policy }, 'Redis may evict the queue: set its maxmemory-policy to noeviction')
}
