import { expect, test } from 'vitest'
import { schedulesOf } from '../../../src/rules/schedule/schedules-of.ts'
import { scheduleOf as schedule } from '../../embedded/schedules.ts'

const ALL = [schedule('daily', { isDefault: true }), schedule('noon'), schedule('off', { enabled: false })]

test.each([
  ['the default one where none is named', undefined, ['daily']],
  ['the default one where the list is empty', [], ['daily']],
  ['those that are named, in place of the default one', ['noon', 'off'], ['noon', 'off']],
  ['those that are there', ['gone', 'noon'], ['noon']],
  ['the default one when none of those named is there any more', ['gone', 'away'], ['daily']],
  ['one that is off, although then nothing comes', ['off'], ['off']],
])('for a reader holds %s', (_what, schedules, expected) => {
  expect(schedulesOf({ schedules }, ALL).map(({ name }) => name)).toEqual(expected)
})

test('without a default schedule, none holds for a reader who names none', () => {
  expect(schedulesOf({ schedules: undefined }, [schedule('noon')])).toEqual([])
})
