import fc from 'fast-check'
import { expect, test } from 'vitest'
import { walkByKey, walkPages } from '../../../src/ground/database/walk-by-key.ts'

test('each key comes once and in order, for any size of a batch', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string({ minLength: 1 })),
      fc.integer({ min: 1, max: 5 }),
      async (keys, limit) => {
        const sorted = [...keys].sort()
        const { walk } = walkOver(sorted)
        const batches = await all(walk(limit))
        expect(batches.flat()).toEqual(sorted)
        for (const batch of batches.slice(0, -1)) expect(batch).toHaveLength(limit)
        expect(batches.every(batch => batch.length > 0)).toBe(true)
      },
    ),
  )
})

test('nothing is read before it is needed, or after a batch that is not full', async () => {
  const { walk, reads } = walkOver(['a', 'b', 'c'])
  const batches = walk(2)
  expect(reads).toEqual([])
  expect((await batches.next()).value).toEqual(['a', 'b'])
  expect(reads).toEqual([''])
  expect((await batches.next()).value).toEqual(['c'])
  expect((await batches.next()).done).toBe(true)
  expect(reads).toEqual(['', 'b'])
})

test('adding and deleting keys during the walk neither skips nor repeats another key', async () => {
  const keys = ['a', 'b', 'c', 'd']
  const seen: string[] = []
  for await (const batch of walkOver(keys).walk(2)) {
    seen.push(...batch)
    if (batch.includes('a')) keys.splice(0, 2, 'aa')
  }
  expect(seen).toEqual(['a', 'b', 'c', 'd'])
})

test('an empty page does not end the walk', async () => {
  const pages = [
    { rows: [], next: 'second' },
    { rows: [1], next: undefined },
  ]
  const reads: (string | undefined)[] = []
  const walk = walkPages(async after => {
    reads.push(after)
    return pages.shift() ?? { rows: [], next: undefined }
  })
  expect(await all(walk)).toEqual([[1]])
  expect(reads).toEqual([undefined, 'second'])
})

/** Walks through sorted keys, and records the positions that were read. */
function walkOver(keys: readonly string[]) {
  const reads: string[] = []
  const walk = (size: number) =>
    walkByKey(async (after, limit) => {
      reads.push(after)
      return keys.filter(key => key > after).slice(0, limit)
    }, size)
  return { reads, walk }
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const value of values) list.push(value)
  return list
}
