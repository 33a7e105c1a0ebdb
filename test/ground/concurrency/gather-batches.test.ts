import { expect, test } from 'vitest'
import { gatherBatches } from '../../../src/ground/concurrency/gather-batches.ts'

test('ids that come together are processed together, up to the size of a batch', async () => {
  const batches: (readonly string[])[] = []
  const add = gatherBatches(3, async ids => void batches.push(ids))
  await Promise.all(['a', 'b', 'c', 'd'].map(add))
  await add('e')
  expect(batches).toEqual([['a', 'b', 'c'], ['d'], ['e']])
})

test('an id is done when the work says so, and the others when their batch ends, even if it fails', async () => {
  const slow = Promise.withResolvers<void>()
  const add = gatherBatches(9, async (_ids, done) => {
    done('quick')
    await slow.promise
    throw new Error('the database is down')
  })
  const slowId = add('slow')
  await add('quick')
  slow.resolve()
  await slowId
})

test('an id that comes twice is processed once, and both callers are told', async () => {
  const batches: (readonly string[])[] = []
  const add = gatherBatches(9, async ids => void batches.push(ids))
  await Promise.all([add('a'), add('a')])
  expect(batches).toEqual([['a']])
})
