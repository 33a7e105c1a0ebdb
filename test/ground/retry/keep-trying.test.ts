import { expect, test } from 'vitest'
import { keepTrying } from '../../../src/ground/retry/keep-trying.ts'

test('what fails is done again until it works, and what it gives is given', async () => {
  let attempts = 0
  const work = async () => {
    attempts += 1
    if (attempts < 4) throw new Error('the database is away')
    return attempts
  }
  expect(await keepTrying(work)).toBe(4)
})
