import { expect, test } from 'vitest'
import { ExpiringCache } from '../../../src/ground/concurrency/expiring-cache.ts'

test('an answer is read once for all callers while it is fresh', async () => {
  const { ask } = countingCache()
  expect(await Promise.all([ask('a', 0), ask('a', 0), ask('a', 99)])).toEqual([1, 1, 1])
  expect(await ask('a', 100)).toBe(2)
})

test('each key has its own answer', async () => {
  const { ask } = countingCache()
  expect([await ask('a', 0), await ask('b', 0), await ask('a', 0)]).toEqual([1, 2, 1])
})

test('setting the clock back does not make an answer last longer', async () => {
  const { ask } = countingCache()
  expect([await ask('a', 1_000), await ask('a', 901), await ask('a', 900)]).toEqual([1, 1, 2])
})

test('each answer is kept for the time given when it was read', async () => {
  const cache = new ExpiringCache<string>(10)
  await cache.get('long', { now: 0, keep: 1_000 }, async () => 'first')
  expect(await cache.get('long', { now: 500, keep: 1 }, async () => 'second')).toBe('first')
})

test('a failure reaches all waiting callers and is not kept', async () => {
  const cache = new ExpiringCache<string>(10)
  const at = { now: 0, keep: 100 }
  const failing = async () => {
    throw new Error('down')
  }
  const both = await Promise.allSettled([cache.get('a', at, failing), cache.get('a', at, failing)])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await cache.get('a', at, async () => 'back')).toBe('back')
})

test('an answer that is not worth keeping serves only the callers that were waiting for it', async () => {
  const { ask } = countingCache(10, answer => answer > 1)
  expect(await Promise.all([ask('a', 0), ask('a', 0)])).toEqual([1, 1])
  expect([await ask('a', 0), await ask('a', 0)]).toEqual([2, 2])
})

test('the oldest answer makes room for the next', async () => {
  const { ask } = countingCache(2)
  for (const key of ['a', 'b', 'c']) await ask(key, 0)
  expect([await ask('b', 0), await ask('c', 0), await ask('a', 0)]).toEqual([2, 3, 4])
})

/** A cache that keeps answers for 100 ms; the answers count the reads. */
function countingCache(maxSize = 10, isWorthKeeping?: (answer: number) => boolean) {
  const cache = new ExpiringCache<number>(maxSize, isWorthKeeping)
  let reads = 0
  const read = async () => {
    reads += 1
    return reads
  }
  return { ask: (key: string, now: number) => cache.get(key, { now, keep: 100 }, read) }
}
