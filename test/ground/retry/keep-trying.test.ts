import { expect, test } from 'vitest'
import { keepTrying } from '../../../src/ground/retry/keep-trying.ts'

test('work that fails is repeated until it succeeds, and its result is returned', async () => {
  let attempts = 0
  const work = async () => {
    attempts += 1
    if (attempts < 4) throw new Error('the database is down')
    return attempts
  }
  expect(await keepTrying(work)).toBe(4)
})
