import { expect, test } from 'vitest'
import { readAhead } from '../../../src/ground/concurrency/read-ahead.ts'

async function* numbers(most: number, asked: number[], ended: () => void): AsyncGenerator<number> {
  try {
    for (let number = 1; number <= most; number += 1) {
      asked.push(number)
      yield number
    }
  } finally {
    ended()
  }
}

test('all pieces come, in their order, and the next one is asked for while one is worked on', async () => {
  const asked: number[] = []
  const seen: [number, number | undefined][] = []
  for await (const number of readAhead(numbers(3, asked, () => {}))) seen.push([number, asked.at(-1)])
  expect(seen).toEqual([
    [1, 2],
    [2, 3],
    [3, 3],
  ])
})

test('who stops early ends the source, too', async () => {
  let hasEnded = false
  const asked: number[] = []
  const ended = () => {
    hasEnded = true
  }
  for await (const _ of readAhead(numbers(9, asked, ended))) break
  expect([asked, hasEnded]).toEqual([[1, 2], true])
})

test('a failure of the source comes when its piece is due, and not before', async () => {
  async function* failing(): AsyncGenerator<number> {
    yield 1
    throw new Error('the second one failed')
  }
  const seen: number[] = []
  const reading = (async () => {
    for await (const number of readAhead(failing())) seen.push(number)
  })()
  await expect(reading).rejects.toThrow('the second one failed')
  expect(seen).toEqual([1])
})
