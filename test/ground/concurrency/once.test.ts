import { expect, test } from 'vitest'
import { once, oncePerOwner } from '../../../src/ground/concurrency/once.ts'

test('a value is made on the first call and then kept', () => {
  let count = 0
  const memoized = once(() => {
    count += 1
    return undefined
  })
  expect(count).toBe(0)
  expect([memoized(), memoized()]).toEqual([undefined, undefined])
  expect(count).toBe(1)
})

test('each owner has its own value', () => {
  let count = 0
  const memoized = oncePerOwner(({ name }: { readonly name: string }) => `${name} ${++count}`)
  const [alice, bob] = [{ name: 'alice' }, { name: 'bob' }]
  expect([memoized(alice), memoized(bob), memoized(alice)]).toEqual(['alice 1', 'bob 2', 'alice 1'])
})
