import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { repeat } from '../../../src/ground/concurrency/repeat.ts'

const LONG = 3_600_000

/** Work that a test ends. */
function work() {
  const calls: PromiseWithResolvers<void>[] = []
  const failures: unknown[] = []
  return {
    calls,
    failures,
    do: () => {
      const call = Promise.withResolvers<void>()
      calls.push(call)
      return call.promise
    },
    onFailure: (error: unknown) => void failures.push(error),
  }
}

test('it begins at once and is done again after its time', async () => {
  const { calls, do: once, onFailure } = work()
  const stop = new AbortController()
  const { ended } = repeat(once, 5, stop.signal, onFailure)
  expect(calls).toHaveLength(1)
  calls[0]?.resolve()
  await expect.poll(() => calls.length).toBe(2)
  stop.abort()
  calls[1]?.resolve()
  await ended
})

test('waking does it at once', async () => {
  const { calls, do: once, onFailure } = work()
  const stop = new AbortController()
  const repeated = repeat(once, LONG, stop.signal, onFailure)
  calls[0]?.resolve()
  await wait(5)
  expect(calls).toHaveLength(1)
  repeated.wake()
  await expect.poll(() => calls.length).toBe(2)
  stop.abort()
  calls[1]?.resolve()
  await repeated.ended
})

test('who wakes it while it is at work has it done once more afterwards, and never twice at once', async () => {
  const { calls, do: once, onFailure } = work()
  const stop = new AbortController()
  const repeated = repeat(once, LONG, stop.signal, onFailure)
  repeated.wake()
  repeated.wake()
  await wait(5)
  expect(calls).toHaveLength(1)
  calls[0]?.resolve()
  await expect.poll(() => calls.length).toBe(2)
  calls[1]?.resolve()
  await wait(5)
  expect(calls).toHaveLength(2)
  stop.abort()
  await repeated.ended
})

test('a failure is told, and the work goes on', async () => {
  const { calls, failures, do: once, onFailure } = work()
  const stop = new AbortController()
  const { ended } = repeat(once, 1, stop.signal, onFailure)
  calls[0]?.reject(new Error('away'))
  await expect.poll(() => calls.length).toBe(2)
  expect(failures).toEqual([new Error('away')])
  stop.abort()
  calls[1]?.resolve()
  await ended
})

test('a stop waits for the work in hand, and ends a long wait', async () => {
  const { calls, do: once, onFailure } = work()
  const stop = new AbortController()
  let over = false
  const { ended } = repeat(once, LONG, stop.signal, onFailure)
  void ended.then(() => (over = true))
  stop.abort()
  await wait(5)
  expect(over).toBe(false)
  calls[0]?.resolve()
  await ended
  expect(calls).toHaveLength(1)
})

test('what is stopped before it begins does nothing', async () => {
  const { calls, do: once, onFailure } = work()
  await repeat(once, LONG, AbortSignal.abort(), onFailure).ended
  expect(calls).toEqual([])
})
