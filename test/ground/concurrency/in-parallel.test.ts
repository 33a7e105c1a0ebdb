import { expect, test } from 'vitest'
import { inParallel } from '../../../src/ground/concurrency/in-parallel.ts'

async function* numbers(count: number) {
  for (let number = 0; number < count; number += 1) yield number
}

const never = new AbortController().signal

test('every piece is done once, so many at a time', async () => {
  const done: number[] = []
  let underWay = 0
  let most = 0
  await inParallel(
    numbers(50),
    7,
    async number => {
      underWay += 1
      most = Math.max(most, underWay)
      await new Promise(setImmediate)
      underWay -= 1
      done.push(number)
    },
    never,
  )
  expect(most).toBe(7)
  expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index))
})

test('after a failure no new piece is taken, what is in hand is finished, and the failure is thrown', async () => {
  const begun: number[] = []
  let finished = 0
  const work = inParallel(
    numbers(50),
    3,
    async number => {
      begun.push(number)
      if (number === 1) throw new Error('broken')
      await new Promise(setImmediate)
      finished += 1
    },
    never,
  )
  await expect(work).rejects.toThrow('broken')
  expect(begun.length).toBeLessThanOrEqual(4)
  expect(finished).toBe(begun.length - 1)
})

test('after a stop no new piece is taken', async () => {
  const stop = new AbortController()
  const begun: number[] = []
  await inParallel(
    numbers(50),
    1,
    async number => {
      begun.push(number)
      if (number === 2) stop.abort()
    },
    stop.signal,
  )
  expect(begun).toEqual([0, 1, 2])
})

test('pieces that cannot be had are a failure', async () => {
  const broken: AsyncIterator<number> = { next: () => Promise.reject(new Error('away')) }
  await expect(inParallel(broken, 2, async () => {}, never)).rejects.toThrow('away')
})
