import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Gate } from '../../concurrency/gate.ts'
import type { HashQuestion } from './hash-worker.ts'
import type { PasswordHash } from './password-hash.ts'

/** Compares passwords with hashes in a thread of its own, one after the other. */
export interface PasswordChecks extends AsyncDisposable {
  /**
   * @param signal ends the wait; a comparison that runs is broken off
   * @throws TooManyChecks; the signal's reason
   */
  isPassword(password: string, hash: PasswordHash, signal: AbortSignal): Promise<boolean>
}

/** So many wait already that another one would wait in vain. */
export class TooManyChecks extends Error {}

/** The thread is started when it is needed, and kept. */
export function passwordChecks(): PasswordChecks {
  const gate = new Gate(1)
  let worker: Worker | undefined
  let waiting = 0

  const forget = (ended: Worker) => {
    if (worker === ended) worker = undefined
  }
  const stop = async () => {
    const stopped = worker
    worker = undefined
    await stopped?.terminate()
  }
  const ask = async (question: HashQuestion, signal: AbortSignal): Promise<boolean> => {
    const asked = worker ?? startWorker(forget)
    worker = asked
    try {
      // Listens before it asks. `once` rejects if the thread fails.
      const answered = once(asked, 'message', { signal })
      asked.postMessage(question)
      const answer: readonly unknown[] = await answered
      return answer[0] === true
    } catch (error) {
      await stop()
      throw signal.aborted ? signal.reason : error
    }
  }
  return {
    async isPassword(password, hash, signal) {
      if (waiting >= MAX_WAITING) throw new TooManyChecks('too many passwords are being checked')
      waiting += 1
      try {
        return await gate.run(() => ask({ password, hash }, signal), signal)
      } finally {
        waiting -= 1
      }
    },
    [Symbol.asyncDispose]: stop,
  }
}

/** One takes 10 ms (SHA-512 with 5,000 rounds) to a second. */
const MAX_WAITING = 100

function startWorker(hasEnded: (worker: Worker) => void): Worker {
  const worker = new Worker(THREAD, {
    // Our environment contains secrets, and a comparison needs none of it.
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 32 },
  })
  // An error that nobody listens to would end the program. Whoever waits for an answer gets it, too.
  worker.on('error', () => hasEnded(worker))
  worker.on('exit', () => hasEnded(worker))
  worker.unref()
  return worker
}

/** Beside this file: `.ts` in a checkout, `.js` in a package. */
const THREAD = new URL(`./hash-worker${extname(import.meta.url)}`, import.meta.url)
