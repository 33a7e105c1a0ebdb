import { expect, test } from 'vitest'
import { once, oncePerOwner } from '../../../src/ground/concurrency/once.ts'

test('a value is made on the first call and then kept', () => {
  let count = 0
  const valueOf = once(() => {
    count += 1
    return undefined
  })
  expect(count).toBe(0)
  expect([valueOf(), valueOf()]).toEqual([undefined, undefined])
  expect(count).toBe(1)
})

test('each owner has its own value', () => {
  let count = 0
  const valueOf = oncePerOwner(({ name }: { readonly name: string }) => `${name} ${++count}`)
  const [alice, bob] = [{ name: 'alice' }, { name: 'bob' }]
  expect([valueOf(alice), valueOf(bob), valueOf(alice)]).toEqual(['alice 1', 'bob 2', 'alice 1'])
})
