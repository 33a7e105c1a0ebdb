import { expect, test } from 'vitest'
import { gatherReads } from '../../../src/ground/concurrency/gather-reads.ts'

test('callers of one turn share a read, and each gets its own answer', async () => {
  const reads: (readonly number[])[] = []
  const double = gatherReads(3, async (keys: readonly number[]) => {
    reads.push(keys)
    return key => key * 2
  })
  expect(await Promise.all([1, 2, 3, 4].map(double))).toEqual([2, 4, 6, 8])
  expect(reads).toEqual([[1, 2, 3], [4]])
})

test('nobody gets an answer from a read that began before the question', async () => {
  let state = 'before'
  const begun: (() => void)[] = []
  const ask = gatherReads(10, async () => {
    const seen = state
    const { promise, resolve } = Promise.withResolvers<void>()
    begun.push(resolve)
    await promise
    return () => seen
  })
  const early = ask('a')
  await new Promise(resolve => setImmediate(resolve))
  state = 'after'
  const late = ask('a')
  await new Promise(resolve => setImmediate(resolve))
  for (const end of begun) end()
  expect([await early, await late]).toEqual(['before', 'after'])
})

test('a read that fails is told to those who shared it, and the next begins anew', async () => {
  let fails = true
  const ask = gatherReads(10, async () => {
    if (fails) throw new Error('away')
    return (key: string) => key
  })
  await expect(Promise.allSettled([ask('a'), ask('b')])).resolves.toMatchObject([
    { status: 'rejected' },
    { status: 'rejected' },
  ])
  fails = false
  expect(await ask('a')).toBe('a')
})
