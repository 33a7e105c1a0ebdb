import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPace } from '../concurrency/pace.ts'
import type { Job, JobKind, Queue, QueueLimit, QueueLimits } from './queue.ts'

/** A queue inside this process. Jobs that are waiting when the process ends are forgotten. */
export function createInProcessQueue(limits: QueueLimits): Queue {
  const queues = {
    digest: createKindQueue('digest', limits.digest),
    release: createKindQueue('release', limits.release),
  }
  const disposed = new AbortController()
  const working = new Set<Promise<void>>()
  return {
    isShared: false,
    check: async () => {},
    offer: async jobs => {
      for (const job of jobs) queues[job.kind].add(job.id)
    },
    work: async (kind, perform, signal) => {
      const work = queues[kind].work(perform, AbortSignal.any([signal, disposed.signal]))
      working.add(work)
      await work.finally(() => working.delete(work))
    },
    depth: async kind => queues[kind].depth(),
    [Symbol.asyncDispose]: async () => {
      disposed.abort()
      await Promise.all(working)
    },
  }
}

/** The jobs of one kind. */
interface KindQueue {
  add(id: string): void
  work(perform: (bundle: readonly Job[]) => Promise<void>, signal: AbortSignal): Promise<void>
  depth(): number
}

function createKindQueue(kind: JobKind, limit: QueueLimit): KindQueue {
  const waiting = new Set<string>()
  const running = new Set<string>()
  const changes = new EventEmitter()
  const pace = createPace(limit.rate, () => performance.now())

  const finish = async (id: string, perform: (bundle: readonly Job[]) => Promise<void>) => {
    try {
      await perform([{ kind, id }])
    } catch {
      // The row is still there, and `perform` has reported the failure itself.
    }
    running.delete(id)
    changes.emit('change')
  }

  return {
    add: id => {
      if (running.has(id)) return
      waiting.add(id)
      changes.emit('change')
    },
    work: async (perform, signal) => {
      const unfinished = new Set<Promise<void>>()
      while (!signal.aborted) {
        const [id] = waiting
        const pause = pace.pause()
        if (id === undefined || running.size >= limit.concurrency)
          await ignoringAbort(changed(changes, signal))
        else if (pause > 0) await ignoringAbort(sleep(pause, undefined, { signal }))
        else {
          pace.step()
          waiting.delete(id)
          running.add(id)
          const finished = finish(id, perform).then(() => void unfinished.delete(finished))
          unfinished.add(finished)
        }
      }
      await Promise.all(unfinished)
    },
    depth: () => waiting.size + running.size,
  }
}

const changed = (changes: EventEmitter, signal: AbortSignal) => once(changes, 'change', { signal })

/** The loop checks the signal itself. */
const ignoringAbort = (waited: Promise<unknown>) => waited.catch(() => {})
