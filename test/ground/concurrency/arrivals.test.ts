import { expect, test } from 'vitest'
import { arrivals } from '../../../src/ground/concurrency/arrivals.ts'

test('who waits is told once of all that has come, and of the end', async () => {
  const { more, came, end, ended } = arrivals()
  came()
  came()
  expect(await more()).toBe(true)
  const waiting = more()
  came()
  expect(await waiting).toBe(true)
  const last = more()
  end()
  expect(await last).toBe(false)
  expect(await more()).toBe(false)
  await ended
})

test('what came before the end is told before it', async () => {
  const { more, came, end } = arrivals()
  came()
  end()
  expect(await more()).toBe(true)
  expect(await more()).toBe(false)
})
