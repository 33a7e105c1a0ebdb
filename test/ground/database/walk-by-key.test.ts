import fc from 'fast-check'
import { expect, test } from 'vitest'
import { walkByKey, walkPages } from '../../../src/ground/database/walk-by-key.ts'

test('each key comes once, in order, however many fit into a batch', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string({ minLength: 1 })),
      fc.integer({ min: 1, max: 5 }),
      async (keys, limit) => {
        const sorted = [...keys].sort()
        const { walk } = walking(sorted)
        const batches = await gathered(walk(limit))
        expect(batches.flat()).toEqual(sorted)
        for (const batch of batches.slice(0, -1)) expect(batch).toHaveLength(limit)
        expect(batches.every(batch => batch.length > 0)).toBe(true)
      },
    ),
  )
})

test('nothing is read before it is asked for, nor behind a batch that is not full', async () => {
  const { walk, reads } = walking(['a', 'b', 'c'])
  const batches = walk(2)
  expect(reads).toEqual([])
  expect((await batches.next()).value).toEqual(['a', 'b'])
  expect(reads).toEqual([''])
  expect((await batches.next()).value).toEqual(['c'])
  expect((await batches.next()).done).toBe(true)
  expect(reads).toEqual(['', 'b'])
})

test('what is deleted behind the walk, and what is added, moves no other key', async () => {
  const keys = ['a', 'b', 'c', 'd']
  const seen: string[] = []
  for await (const batch of walking(keys).walk(2)) {
    seen.push(...batch)
    if (batch.includes('a')) keys.splice(0, 2, 'aa')
  }
  expect(seen).toEqual(['a', 'b', 'c', 'd'])
})

test('an empty part of a list does not end the walk', async () => {
  const parts = [
    { rows: [], next: 'second' },
    { rows: [1], next: undefined },
  ]
  const asked: (string | undefined)[] = []
  const pages = walkPages(async after => {
    asked.push(after)
    return parts.shift() ?? { rows: [], next: undefined }
  })
  expect(await gathered(pages)).toEqual([[1]])
  expect(asked).toEqual([undefined, 'second'])
})

/** Walks over keys in a given order, and tells from where they were read. */
function walking(keys: readonly string[]) {
  const reads: string[] = []
  const walk = (limit: number) =>
    walkByKey(async (after, most) => {
      reads.push(after)
      return keys.filter(key => key > after).slice(0, most)
    }, limit)
  return { reads, walk }
}

async function gathered<T>(parts: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const part of parts) all.push(part)
  return all
}
