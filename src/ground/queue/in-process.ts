import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPace } from '../concurrency/pace.ts'
import type { Job, JobKind, Queue, QueueLimit, QueueLimits } from './queue.ts'

/** A queue inside this process. What waits when it ends is forgotten. */
export function createInProcessQueue(limits: QueueLimits): Queue {
  const lines = {
    digest: createLine('digest', limits.digest),
    release: createLine('release', limits.release),
  }
  const disposed = new AbortController()
  const working = new Set<Promise<void>>()
  return {
    offer: async jobs => {
      for (const job of jobs) lines[job.kind].add(job.id)
    },
    work: async (kind, perform, signal) => {
      const work = lines[kind].work(perform, AbortSignal.any([signal, disposed.signal]))
      working.add(work)
      await work.finally(() => working.delete(work))
    },
    depth: async kind => lines[kind].depth(),
    [Symbol.asyncDispose]: async () => {
      disposed.abort()
      await Promise.all(working)
    },
  }
}

/** The jobs of one kind. */
interface Line {
  add(id: string): void
  work(perform: (job: Job) => Promise<void>, signal: AbortSignal): Promise<void>
  depth(): number
}

function createLine(kind: JobKind, limit: QueueLimit): Line {
  const waiting = new Set<string>()
  const inHand = new Set<string>()
  const changes = new EventEmitter()
  const pace = createPace(limit.rate, () => performance.now())

  const finish = async (id: string, perform: (job: Job) => Promise<void>) => {
    try {
      await perform({ kind, id })
    } catch {
      // Its row is still there, and whoever does the work has told of the failure.
    }
    inHand.delete(id)
    changes.emit('change')
  }

  return {
    add: id => {
      if (inHand.has(id)) return
      waiting.add(id)
      changes.emit('change')
    },
    work: async (perform, signal) => {
      const mine = new Set<Promise<void>>()
      while (!signal.aborted) {
        const [id] = waiting
        const pause = pace.pause()
        if (id === undefined || inHand.size >= limit.concurrency) await untilAborted(changed(changes, signal))
        else if (pause > 0) await untilAborted(sleep(pause, undefined, { signal }))
        else {
          pace.step()
          waiting.delete(id)
          inHand.add(id)
          const finished = finish(id, perform).then(() => void mine.delete(finished))
          mine.add(finished)
        }
      }
      await Promise.all(mine)
    },
    depth: () => waiting.size + inHand.size,
  }
}

const changed = (changes: EventEmitter, signal: AbortSignal) => once(changes, 'change', { signal })

/** The loop looks at the signal itself. */
const untilAborted = (waited: Promise<unknown>) => waited.catch(() => {})
