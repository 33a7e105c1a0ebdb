import { expect, test } from 'vitest'
import { CheckedBatch, FRESH } from '../../../../src/work/digest/send/checked-batch.ts'

test('a check that takes longer than it holds serves more than one digest', async () => {
  let now = 0
  const looked: (readonly string[])[] = []
  const lookUp = async (_: unknown, prepared: readonly string[]) => {
    looked.push(prepared)
    now += 2 * FRESH
    return prepared.map(name => `checked ${name}`)
  }
  const batch = new CheckedBatch({ clock: () => now }, ['a', 'b', 'c'], lookUp)
  batch.check()
  expect(await batch.at(0)).toBe('checked a')
  expect(await batch.at(1)).toBe('checked b')
  now += FRESH + 1
  expect(await batch.at(2)).toBe('checked c')
  expect(looked).toEqual([['a', 'b', 'c'], ['c']])
})
