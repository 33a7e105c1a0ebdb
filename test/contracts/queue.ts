import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Job, JobKind, Queue, QueueLimits } from '../../src/ground/queue/queue.ts'
import { waitUntil } from '../servers/wait.ts'

export interface QueueMaker {
  readonly name: string
  /** A new and empty queue. */
  make(limits: QueueLimits): Queue
}

/** What every queue must do. */
export function queueContract(maker: QueueMaker): void {
  describe(`the queue ${maker.name}`, () => {
    test('hands each job, by its kind and id, to a worker', async () => {
      await using queue = maker.make(limitsOf(2))
      await queue.offer([digest('a'), digest('b'), { kind: 'release', id: 'a' }])
      await using digests = beginWork(queue, 'digest')
      await using releases = beginWork(queue, 'release')
      await waitUntil('three jobs', () => digests.done.length + releases.done.length === 3)
      expect(digests.done.sort()).toEqual(['a', 'b'])
      expect(releases.done).toEqual(['a'])
    })

    test('hands new jobs to workers that are already waiting', async () => {
      await using queue = maker.make(limitsOf(2))
      await using worker = beginWork(queue, 'digest')
      await queue.offer([digest('a')])
      await waitUntil('the first job', () => worker.done.includes('a'))
      await queue.offer([digest('b')])
      await waitUntil('the second job', () => worker.done.includes('b'))
    })

    test('ignores a job that is already waiting', async () => {
      await using queue = maker.make(limitsOf(2))
      await queue.offer([digest('a'), digest('a'), digest('b')])
      await queue.offer([digest('a')])
      expect(await queue.depth('digest')).toBe(2)
      await using worker = beginWork(queue, 'digest')
      await untilEmpty(queue)
      expect(worker.done.sort()).toEqual(['a', 'b'])
    })

    test('ignores a job that is in hand, and accepts it again once it has ended', async () => {
      await using queue = maker.make(limitsOf(2))
      await using worker = beginWork(queue, 'digest', { held: true })
      await queue.offer([digest('a')])
      await waitUntil('the job in hand', () => worker.inHand.size === 1)
      await queue.offer([digest('a')])
      expect(await queue.depth('digest')).toBe(1)
      worker.letGo()
      await untilEmpty(queue)
      expect(worker.done).toEqual(['a'])
      await queue.offer([digest('a')])
      await waitUntil('the job again', () => worker.done.length === 2)
    })

    test('a job that fails ends like one that succeeds', async () => {
      await using queue = maker.make(limitsOf(1))
      await using worker = beginWork(queue, 'digest', { fail: 'a' })
      await queue.offer([digest('a'), digest('b')])
      await untilEmpty(queue)
      expect(worker.begun).toEqual(['a', 'b'])
      await queue.offer([digest('a')])
      await waitUntil('the job again', () => worker.begun.length === 3)
    })

    test('the number of jobs in hand at once stays within its limit', async () => {
      await using queue = maker.make(limitsOf(3))
      await using worker = beginWork(queue, 'digest', { lasting: 2 })
      await queue.offer(digests(60))
      await untilEmpty(queue)
      expect(worker.done).toHaveLength(60)
      expect(worker.most).toBe(3)
    })

    test('the number of jobs begun per second stays within its limit', async () => {
      await using queue = maker.make({ ...limitsOf(10), digest: { concurrency: 10, rate: 20 } })
      await using worker = beginWork(queue, 'digest')
      await queue.offer(digests(45))
      await untilEmpty(queue)
      expect(worker.done).toHaveLength(45)
      const spans = worker.begunAt.slice(40).map((time, index) => time - (worker.begunAt[index] ?? 0))
      // Two full seconds lie between a job and the fortieth after it, minus the inaccuracy of clocks and timers.
      expect(Math.min(...spans)).toBeGreaterThan(1_850)
    })

    test('finishes the jobs in hand when it is told to stop, and begins no more', async () => {
      await using queue = maker.make(limitsOf(2))
      // Takes longer than a queue would need to stop without waiting for these jobs.
      const during = async () => {
        for (let look = 0; look < 50; look += 1) await queue.depth('digest')
      }
      const worker = beginWork(queue, 'digest', { held: true, during })
      await queue.offer(digests(5))
      await waitUntil('two jobs in hand', () => worker.inHand.size === 2)
      const doneAtTheEnd = worker.ended.then(() => worker.done.length)
      worker.stop()
      worker.letGo()
      expect(await doneAtTheEnd).toBe(2)
      expect(worker.begun).toHaveLength(2)
    })

    test('ends the work when it is disposed, and finishes the jobs in hand', async () => {
      const queue = maker.make(limitsOf(1))
      const worker = beginWork(queue, 'digest', { held: true })
      await queue.offer(digests(2))
      await waitUntil('a job in hand', () => worker.inHand.size === 1)
      const disposed = queue[Symbol.asyncDispose]()
      worker.letGo()
      await Promise.all([disposed, worker.ended])
      expect(worker.done).toHaveLength(1)
    })

    test('a worker that begins after the signal was aborted ends at once', async () => {
      await using queue = maker.make(limitsOf(2))
      await queue.offer([digest('a')])
      await queue.work('digest', async () => expect.unreachable(), AbortSignal.abort())
    })

    test('each of ten thousand jobs is done once', async () => {
      await using queue = maker.make(limitsOf(50))
      await queue.offer(digests(10_000))
      expect(await queue.depth('digest')).toBe(10_000)
      await using worker = beginWork(queue, 'digest')
      await untilEmpty(queue)
      expect(worker.done).toHaveLength(10_000)
      expect(new Set(worker.done).size).toBe(10_000)
    })
  })
}

export const limitsOf = (concurrency: number): QueueLimits => ({
  digest: { concurrency },
  release: { concurrency },
})

export const digest = (id: string): Job => ({ kind: 'digest', id })

export const digests = (count: number): Job[] =>
  Array.from({ length: count }, (_, index) => digest(`${index}`))

export const untilEmpty = (queue: Queue) =>
  waitUntil('an empty queue', async () => (await queue.depth('digest')) === 0, { timeout: 50_000 })

export interface TestWorker extends AsyncDisposable {
  /** The ids of the jobs, in the order in which they were begun and done. */
  readonly begun: string[]
  readonly begunAt: number[]
  readonly done: string[]
  readonly inHand: Set<string>
  /** The largest number of jobs in hand at once. */
  readonly most: number
  readonly ended: Promise<void>
  letGo(): void
  stop(): void
}

interface WorkOptions {
  /** Jobs stay in hand until `letGo` is called. */
  readonly held?: boolean
  /** The job with this id fails. */
  readonly fail?: string
  /** Milliseconds that a job takes. */
  readonly lasting?: number
  /** Other work to do during each job. */
  readonly during?: () => Promise<void>
}

/** Works until it is disposed. */
export function beginWork(
  queue: Queue,
  kind: JobKind,
  { held, fail, lasting, during }: WorkOptions = {},
): TestWorker {
  const stopping = new AbortController()
  const gate = Promise.withResolvers<void>()
  if (!held) gate.resolve()
  const state = { begun: [] as string[], begunAt: [] as number[], done: [] as string[], most: 0 }
  const inHand = new Set<string>()
  const performOne = async ({ id }: Job) => {
    state.begun.push(id)
    state.begunAt.push(performance.now())
    inHand.add(id)
    state.most = Math.max(state.most, inHand.size)
    await gate.promise
    if (lasting !== undefined) await sleep(lasting)
    await during?.()
    inHand.delete(id)
    if (id === fail) throw new Error('this job fails')
    state.done.push(id)
  }
  const perform = async (bundle: readonly Job[]) => {
    for (const job of bundle) await performOne(job)
  }
  const ended = queue.work(kind, perform, stopping.signal)
  const stop = () => stopping.abort()
  return Object.assign(state, {
    inHand,
    ended,
    letGo: () => gate.resolve(),
    stop,
    [Symbol.asyncDispose]: async () => {
      stop()
      gate.resolve()
      await ended
    },
  })
}
