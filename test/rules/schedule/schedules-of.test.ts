import { expect, test } from 'vitest'
import { schedulesOf } from '../../../src/rules/schedule/schedules-of.ts'
import { scheduleOf as schedule } from '../../embedded/schedules.ts'

const ALL = [schedule('daily', { isDefault: true }), schedule('noon'), schedule('off', { enabled: false })]

test.each([
  ['the default one when none is named', undefined, ['daily']],
  ['the default one when the list is empty', [], ['daily']],
  ['those that are named, in place of the default one', ['noon', 'off'], ['noon', 'off']],
  ['those of the named ones that exist', ['gone', 'noon'], ['noon']],
  ['the default one when none of those named exists any more', ['gone', 'away'], ['daily']],
  ['one that is off, although no digest comes then', ['off'], ['off']],
])('a reader follows %s', (_case, schedules, expected) => {
  expect(schedulesOf({ schedules }, ALL).map(({ name }) => name)).toEqual(expected)
})

test('without a default schedule, a reader who names none follows none', () => {
  expect(schedulesOf({ schedules: undefined }, [schedule('noon')])).toEqual([])
})
