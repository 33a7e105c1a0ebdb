import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { SECOND } from '../durations.ts'
import type { MessageReader, Read } from './message-reader.ts'
import type { Question } from './message-worker.ts'

/**
 * Reads messages in threads with a limit of memory and of time. A message that makes one exceed its limits, or die, is
 * too large to be shown, and the next message gets a new thread. There are as many threads as messages are read at once.
 */
export function createMessageReader({ timeout = TIMEOUT }: { timeout?: number } = {}): MessageReader {
  const idle: Thread[] = []
  const ask = async <Value>(question: Question): Promise<Read<Value>> => {
    const thread = idle.pop() ?? startThread(timeout)
    const read = await thread.ask(question)
    if (thread.isAlive()) idle.push(thread)
    return read as Read<Value>
  }
  return {
    content: message => ask({ message, ask: 'content' }),
    html: message => ask({ message, ask: 'html' }),
    attachment: (message, index) => ask({ message, ask: index }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(idle.splice(0).map(thread => thread.stop()))
    },
  }
}

/** A message of 50 MB takes a second, HTML of 200,000 nested elements forever. */
const TIMEOUT = 5 * SECOND

interface Thread {
  ask(question: Question): Promise<Read<unknown>>
  isAlive(): boolean
  stop(): Promise<void>
}

function startThread(timeout: number): Thread {
  const worker = new Worker(WORKER, {
    name: 'message',
    resourceLimits: { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
    // It needs none of our environment, which contains secrets.
    env: {},
  })
  let isAlive = true
  const stop = async () => {
    isAlive = false
    await worker.terminate()
  }
  // An idle thread does not keep the process.
  worker.unref()
  worker.on('error', () => void stop())
  worker.on('exit', () => {
    isAlive = false
  })
  return {
    isAlive: () => isAlive,
    stop,
    async ask(question) {
      const { promise, resolve } = Promise.withResolvers<Read<unknown>>()
      const fail = () => resolve({ is: 'too-large' })
      const timer = setTimeout(() => void stop().then(fail), timeout)
      worker.once('message', resolve).once('exit', fail)
      worker.ref()
      worker.postMessage(question, [question.message.buffer])
      try {
        return await promise
      } finally {
        clearTimeout(timer)
        worker.off('message', resolve).off('exit', fail)
        worker.unref()
      }
    },
  }
}

/** Beside this file: `.ts` in a checkout, `.js` in a package. */
const WORKER = new URL(`./message-worker${extname(import.meta.url)}`, import.meta.url)
