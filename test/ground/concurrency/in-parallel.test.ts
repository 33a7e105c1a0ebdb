import { expect, test } from 'vitest'
import { inParallel } from '../../../src/ground/concurrency/in-parallel.ts'

async function* numbers(count: number) {
  for (let number = 0; number < count; number += 1) yield number
}

const never = new AbortController().signal

test('every piece is done once, a limited number at a time', async () => {
  const done: number[] = []
  let running = 0
  let mostRunning = 0
  await inParallel(
    numbers(50),
    7,
    async number => {
      running += 1
      mostRunning = Math.max(mostRunning, running)
      await new Promise(setImmediate)
      running -= 1
      done.push(number)
    },
    never,
  )
  expect(mostRunning).toBe(7)
  expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index))
})

test('after a failure no new piece is taken, those in progress are finished, and the failure is thrown', async () => {
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

test('an error of the iterator is thrown', async () => {
  const broken: AsyncIterator<number> = { next: () => Promise.reject(new Error('broken')) }
  await expect(inParallel(broken, 2, async () => {}, never)).rejects.toThrow('broken')
})
