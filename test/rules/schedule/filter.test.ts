import { expect, test } from 'vitest'
import { withParts } from '../../../src/rules/schedule/filter.ts'

test('a part of a filter is set or lifted, and the others stay', () => {
  const filter = { kinds: ['spam'], minScore: 5 } as const
  expect(withParts(filter, { maxScore: 12 })).toEqual({ ...filter, maxScore: 12 })
  expect(withParts(filter, { kinds: undefined })).toEqual({ minScore: 5 })
  expect(withParts(undefined, { minScore: 0 })).toEqual({ minScore: 0 })
})

test('a filter without any condition left is undefined', () => {
  expect(withParts({ minScore: 5 }, { minScore: undefined })).toBeUndefined()
  expect(withParts(undefined, {})).toBeUndefined()
})
