import { expect, test } from 'vitest'
import { KINDS } from '../../../src/ground/amavis/content.ts'
import { leftOut } from '../../../src/rules/schedule/coverage.ts'
import { STANDARD_POLICIES } from '../../standard-policies.ts'

const LISTED = KINDS.filter(kind => kind !== 'virus')
const left = (...filters: Parameters<typeof leftOut>[0]) => leftOut(filters, STANDARD_POLICIES)

test('one schedule without a filter is enough to leave nothing out', () => {
  expect(left(undefined)).toEqual([])
  expect(left({ kinds: ['spam'] }, undefined)).toEqual([])
})

test('without any schedule, all kinds that may be listed are left out', () => {
  expect(left()).toEqual(LISTED)
})

test('kinds that no schedule names are left out', () => {
  expect(left({ kinds: ['spam', 'banned'] })).toEqual(
    LISTED.filter(kind => kind !== 'spam' && kind !== 'banned'),
  )
})

test('a kind is left out unless its scores are covered without a gap, in whatever order', () => {
  expect(left({ minScore: 10 }, { maxScore: 10 })).toEqual([])
  expect(left({ minScore: 10 }, { minScore: 5, maxScore: 12 }, { maxScore: 5 })).toEqual([])
  expect(left({ minScore: 10 }, { maxScore: 9.9 })).toEqual(LISTED)
  expect(left({ maxScore: 10 })).toEqual(LISTED)
  expect(left({ minScore: 10 })).toEqual(LISTED)
  expect(left({ kinds: ['spam'], minScore: 10 }, { maxScore: 10 })).toEqual(
    LISTED.filter(kind => kind !== 'spam'),
  )
})
