import { expect, test } from 'vitest'
import { memo } from '../../../src/ground/concurrency/memo.ts'

test('the value of a key is made once', () => {
  const kept = memo<string | undefined>(10)
  expect([kept('a', () => 'first'), kept('a', () => 'second')]).toEqual(['first', 'first'])
  expect([kept('b', () => undefined), kept('b', () => 'second')]).toEqual([undefined, undefined])
})

test('a value that could not be made is made the next time', () => {
  const kept = memo<string>(10)
  const failing = () => {
    throw new RangeError('no such zone')
  }
  expect(() => kept('a', failing)).toThrow('no such zone')
  expect(kept('a', () => 'made')).toBe('made')
})

test('all values are forgotten when there are too many keys', () => {
  const kept = memo<number>(2)
  const countOf = (key: string) => kept(key, () => ++count)
  let count = 0
  expect(['a', 'b', 'a', 'c', 'c', 'a'].map(countOf)).toEqual([1, 2, 1, 3, 3, 4])
})
