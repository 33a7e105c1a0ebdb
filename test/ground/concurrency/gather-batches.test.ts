import { expect, test } from 'vitest'
import { gatherBatches } from '../../../src/ground/concurrency/gather-batches.ts'

test('ids that come together are worked on together, as many as a lot holds', async () => {
  const lots: (readonly string[])[] = []
  const add = gatherBatches(3, async ids => void lots.push(ids))
  await Promise.all(['a', 'b', 'c', 'd'].map(add))
  await add('e')
  expect(lots).toEqual([['a', 'b', 'c'], ['d'], ['e']])
})

test('an id is done when the work says so, the others when their lot ends, whatever became of it', async () => {
  const slow = Promise.withResolvers<void>()
  const add = gatherBatches(9, async (_ids, done) => {
    done('quick')
    await slow.promise
    throw new Error('the database is away')
  })
  const slowOne = add('slow')
  await add('quick')
  slow.resolve()
  await slowOne
})

test('an id that comes twice is worked on once, and both who brought it hear of it', async () => {
  const lots: (readonly string[])[] = []
  const add = gatherBatches(9, async ids => void lots.push(ids))
  await Promise.all([add('a'), add('a')])
  expect(lots).toEqual([['a']])
})
