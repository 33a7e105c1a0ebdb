import { once } from 'node:events'
import { setImmediate as afterAllPromises } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { repeat } from '../../../src/ground/concurrency/repeat.ts'
import { HOUR } from '../../../src/ground/durations.ts'

const LONG = HOUR

/** Work that a test ends, and waits that end when the test, a waking or a stop says so. */
function work() {
  const calls: PromiseWithResolvers<void>[] = []
  const waits: { readonly span: number; over(): void }[] = []
  const failures: unknown[] = []
  return {
    calls,
    waits,
    failures,
    do: () => {
      const call = Promise.withResolvers<void>()
      calls.push(call)
      return call.promise
    },
    wait: async (span: number, signal: AbortSignal) => {
      if (signal.aborted) return
      const { promise, resolve: over } = Promise.withResolvers<void>()
      waits.push({ span, over })
      await Promise.race([promise, once(signal, 'abort')])
    },
    onFailure: (error: unknown) => void failures.push(error),
  }
}

test('it begins at once and is done again after its time', async () => {
  const { calls, waits, do: once, onFailure, wait } = work()
  const stop = new AbortController()
  const { ended } = repeat(once, LONG, stop.signal, onFailure, wait)
  expect(calls).toHaveLength(1)
  calls[0]?.resolve()
  await expect.poll(() => waits).toMatchObject([{ span: LONG }])
  expect(calls).toHaveLength(1)
  waits[0]?.over()
  await expect.poll(() => calls.length).toBe(2)
  stop.abort()
  calls[1]?.resolve()
  await ended
})

test('the time is that of the clock', async () => {
  const { calls, do: once, onFailure } = work()
  const stop = new AbortController()
  const { ended } = repeat(once, 5, stop.signal, onFailure)
  calls[0]?.resolve()
  await expect.poll(() => calls.length).toBe(2)
  stop.abort()
  calls[1]?.resolve()
  await ended
})

test('waking does it at once', async () => {
  const { calls, waits, do: once, onFailure, wait } = work()
  const stop = new AbortController()
  const repeated = repeat(once, LONG, stop.signal, onFailure, wait)
  calls[0]?.resolve()
  await expect.poll(() => waits.length).toBe(1)
  expect(calls).toHaveLength(1)
  repeated.wake()
  await expect.poll(() => calls.length).toBe(2)
  stop.abort()
  calls[1]?.resolve()
  await repeated.ended
})

test('who wakes it while it is at work has it done once more afterwards, and never twice at once', async () => {
  const { calls, waits, do: once, onFailure, wait } = work()
  const stop = new AbortController()
  const repeated = repeat(once, LONG, stop.signal, onFailure, wait)
  repeated.wake()
  repeated.wake()
  await afterAllPromises()
  expect(calls).toHaveLength(1)
  calls[0]?.resolve()
  await expect.poll(() => calls.length).toBe(2)
  expect(waits).toEqual([])
  calls[1]?.resolve()
  await expect.poll(() => waits.length).toBe(1)
  expect(calls).toHaveLength(2)
  stop.abort()
  await repeated.ended
})

test('a failure is told, and the work goes on', async () => {
  const { calls, waits, failures, do: once, onFailure, wait } = work()
  const stop = new AbortController()
  const { ended } = repeat(once, LONG, stop.signal, onFailure, wait)
  calls[0]?.reject(new Error('away'))
  await expect.poll(() => waits.length).toBe(1)
  expect(failures).toEqual([new Error('away')])
  waits[0]?.over()
  await expect.poll(() => calls.length).toBe(2)
  stop.abort()
  calls[1]?.resolve()
  await ended
})

test('a stop waits for the work in hand', async () => {
  const { calls, do: once, onFailure, wait } = work()
  const stop = new AbortController()
  const order: string[] = []
  const { ended } = repeat(once, LONG, stop.signal, onFailure, wait)
  const over = ended.then(() => order.push('the end'))
  stop.abort()
  await afterAllPromises()
  order.push('the work')
  calls[0]?.resolve()
  await over
  expect(order).toEqual(['the work', 'the end'])
  expect(calls).toHaveLength(1)
})

test('a stop ends a long wait', async () => {
  const { calls, do: once, onFailure } = work()
  const stop = new AbortController()
  const { ended } = repeat(once, LONG, stop.signal, onFailure)
  calls[0]?.resolve()
  stop.abort()
  await ended
  expect(calls).toHaveLength(1)
})

test('what is stopped before it begins does nothing', async () => {
  const { calls, do: once, onFailure, wait } = work()
  await repeat(once, LONG, AbortSignal.abort(), onFailure, wait).ended
  expect(calls).toEqual([])
})
