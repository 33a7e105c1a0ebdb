import { expect, test } from 'vitest'
import { rest, thenRest } from '../../../src/ground/concurrency/then-rest.ts'

test.each([
  { worked: 100, rested: 300 },
  { worked: 5000, rested: 10_000 },
])('work of $worked ms is followed by a rest of $rested ms', async ({ worked, rested }) => {
  const { signal } = new AbortController()
  const rests: number[] = []
  let time = 0
  const work = async () => {
    time += worked
    return 'done'
  }
  const clock = { now: () => time, rest: async (span: number) => void rests.push(span) }
  expect(await thenRest({ pause: 3, signal }, work, clock)).toBe('done')
  expect(rests).toEqual([rested])
})

test('a signal ends a rest', async () => {
  const stop = new AbortController()
  const resting = rest(2 ** 30, stop.signal)
  stop.abort()
  await resting
})
