import { once } from 'node:events'
import { setImmediate as afterAllPromises } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { repeat } from '../../../src/ground/concurrency/repeat.ts'
import { HOUR } from '../../../src/ground/durations.ts'

const LONG = HOUR

/** Work that the test ends, and waits that end through the test, a wake-up or a stop. */
function work() {
  const calls: PromiseWithResolvers<void>[] = []
  const waits: { readonly span: number; end(): void }[] = []
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
      const { promise, resolve: end } = Promise.withResolvers<void>()
      waits.push({ span, end })
      await Promise.race([promise, once(signal, 'abort')])
    },
    onFailure: (error: unknown) => void failures.push(error),
  }
}

test('the work is done at once, and again after its interval', async () => {
  const { calls, waits, do: doOnce, onFailure, wait } = work()
  const stop = new AbortController()
  const { ended } = repeat(doOnce, LONG, stop.signal, onFailure, wait)
  expect(calls).toHaveLength(1)
  calls[0]?.resolve()
  await expect.poll(() => waits).toMatchObject([{ span: LONG }])
  expect(calls).toHaveLength(1)
  waits[0]?.end()
  await expect.poll(() => calls.length).toBe(2)
  stop.abort()
  calls[1]?.resolve()
  await ended
})

test('without a wait of the test, the interval passes in real time', async () => {
  const { calls, do: doOnce, onFailure } = work()
  const stop = new AbortController()
  const { ended } = repeat(doOnce, 5, stop.signal, onFailure)
  calls[0]?.resolve()
  await expect.poll(() => calls.length).toBe(2)
  stop.abort()
  calls[1]?.resolve()
  await ended
})

test('a wake-up does the work at once', async () => {
  const { calls, waits, do: doOnce, onFailure, wait } = work()
  const stop = new AbortController()
  const repeated = repeat(doOnce, LONG, stop.signal, onFailure, wait)
  calls[0]?.resolve()
  await expect.poll(() => waits.length).toBe(1)
  expect(calls).toHaveLength(1)
  repeated.wake()
  await expect.poll(() => calls.length).toBe(2)
  stop.abort()
  calls[1]?.resolve()
  await repeated.ended
})

test('after a wake-up during the work, it is done once more, and never twice at once', async () => {
  const { calls, waits, do: doOnce, onFailure, wait } = work()
  const stop = new AbortController()
  const repeated = repeat(doOnce, LONG, stop.signal, onFailure, wait)
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

test('a failure is reported, and the work goes on', async () => {
  const { calls, waits, failures, do: doOnce, onFailure, wait } = work()
  const stop = new AbortController()
  const { ended } = repeat(doOnce, LONG, stop.signal, onFailure, wait)
  calls[0]?.reject(new Error('down'))
  await expect.poll(() => waits.length).toBe(1)
  expect(failures).toEqual([new Error('down')])
  waits[0]?.end()
  await expect.poll(() => calls.length).toBe(2)
  stop.abort()
  calls[1]?.resolve()
  await ended
})

test('a stop waits for running work', async () => {
  const { calls, do: doOnce, onFailure, wait } = work()
  const stop = new AbortController()
  const order: string[] = []
  const { ended } = repeat(doOnce, LONG, stop.signal, onFailure, wait)
  const atEnd = ended.then(() => order.push('the end'))
  stop.abort()
  await afterAllPromises()
  order.push('the work')
  calls[0]?.resolve()
  await atEnd
  expect(order).toEqual(['the work', 'the end'])
  expect(calls).toHaveLength(1)
})

test('a stop ends a long wait', async () => {
  const { calls, do: doOnce, onFailure } = work()
  const stop = new AbortController()
  const { ended } = repeat(doOnce, LONG, stop.signal, onFailure)
  calls[0]?.resolve()
  stop.abort()
  await ended
  expect(calls).toHaveLength(1)
})

test('work that is stopped before it begins is not done', async () => {
  const { calls, do: doOnce, onFailure, wait } = work()
  await repeat(doOnce, LONG, AbortSignal.abort(), onFailure, wait).ended
  expect(calls).toEqual([])
})
