import { expect, test } from 'vitest'
import { ExpiringCache } from '../../../src/ground/concurrency/expiring-cache.ts'

test('an answer is read once for all who ask while it is fresh', async () => {
  const { ask } = counting()
  expect(await Promise.all([ask('a', 0), ask('a', 0), ask('a', 99)])).toEqual([1, 1, 1])
  expect(await ask('a', 100)).toBe(2)
})

test('each key has an answer of its own', async () => {
  const { ask } = counting()
  expect([await ask('a', 0), await ask('b', 0), await ask('a', 0)]).toEqual([1, 2, 1])
})

test('a clock that is put back makes no answer last longer', async () => {
  const { ask } = counting()
  expect([await ask('a', 1_000), await ask('a', 901), await ask('a', 900)]).toEqual([1, 1, 2])
})

test('each answer is kept for as long as was said when it was read', async () => {
  const cache = new ExpiringCache<string>(10)
  await cache.get('long', { now: 0, keep: 1_000 }, async () => 'first')
  expect(await cache.get('long', { now: 500, keep: 1 }, async () => 'second')).toBe('first')
})

test('a failure is told to all who wait for it, and not kept', async () => {
  const cache = new ExpiringCache<string>(10)
  const at = { now: 0, keep: 100 }
  const failing = async () => {
    throw new Error('away')
  }
  const both = await Promise.allSettled([cache.get('a', at, failing), cache.get('a', at, failing)])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await cache.get('a', at, async () => 'back')).toBe('back')
})

test('an answer that is not worth keeping serves those only who asked before it was there', async () => {
  const { ask } = counting(10, answer => answer > 1)
  expect(await Promise.all([ask('a', 0), ask('a', 0)])).toEqual([1, 1])
  expect([await ask('a', 0), await ask('a', 0)]).toEqual([2, 2])
})

test('the oldest answer makes room for the next', async () => {
  const { ask } = counting(2)
  for (const key of ['a', 'b', 'c']) await ask(key, 0)
  expect([await ask('b', 0), await ask('c', 0), await ask('a', 0)]).toEqual([2, 3, 4])
})

/** A cache that keeps for 100, of answers that count how often they are read. */
function counting(most = 10, isWorthKeeping?: (answer: number) => boolean) {
  const cache = new ExpiringCache<number>(most, isWorthKeeping)
  let reads = 0
  const read = async () => {
    reads += 1
    return reads
  }
  return { ask: (key: string, now: number) => cache.get(key, { now, keep: 100 }, read) }
}
