import { expect, test } from 'vitest'
import { once, oncePerOwner } from '../../../src/ground/concurrency/once.ts'

test('is made when it is first asked for, and then kept', () => {
  let count = 0
  const made = once(() => {
    count += 1
    return undefined
  })
  expect(count).toBe(0)
  expect([made(), made()]).toEqual([undefined, undefined])
  expect(count).toBe(1)
})

test('each owner has one of its own', () => {
  let count = 0
  const made = oncePerOwner(({ name }: { readonly name: string }) => `${name} ${++count}`)
  const [alice, bob] = [{ name: 'alice' }, { name: 'bob' }]
  expect([made(alice), made(bob), made(alice)]).toEqual(['alice 1', 'bob 2', 'alice 1'])
})
