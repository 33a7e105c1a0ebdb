import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cronsOfWeek, timesIn, timeText, weekTimesOf } from '../../../src/rules/time/week-times.ts'

test.each([
  [[1, 2, 3, 4, 5], [420, 900], ['0 7,15 * * 1-5']],
  [
    [1, 2, 3, 4, 5, 6, 7],
    [450, 420],
    ['0 7 * * *', '30 7 * * *'],
  ],
  [[1, 3, 6, 7], [0], ['0 0 * * 1,3,6-7']],
] as const)('days %j at minutes %j are %j', (days, times, crons) => {
  expect(cronsOfWeek({ days, times })).toEqual(crons)
})

test.each([
  ['7:00, 15:00', ['07:00', '15:00']],
  ['15 7', ['07:00', '15:00']],
  ['7.30 and 15h', ['07:30', '15:00']],
  ['7 am, 3:05 PM', ['07:00', '15:05']],
  ['12am;12pm', ['00:00', '12:00']],
  ['7:00 07:00', ['07:00']],
  ['', []],
])('%j means %j', (text, times) => {
  expect(timesIn(text).times.map(timeText)).toEqual(times)
  expect(timesIn(text).unread).toBeUndefined()
})

test.each(['24:00', '7:60', '13pm', 'noon', '7-9', '0am', '١٢'])('%j is not read as a time of day', text => {
  expect(timesIn(`6:00, ${text}`)).toEqual({ times: [], unread: text })
})

describe('cron expressions', () => {
  test('made of days and times are read back', () => {
    const days = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 })
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 1439 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(days, times, (days, times) => {
        const sorted = (list: number[]) => list.toSorted((a, b) => a - b)
        expect(weekTimesOf(cronsOfWeek({ days, times }))).toEqual({
          days: sorted(days),
          times: sorted(times),
        })
      }),
    )
  })

  test('written in another style mean the same', () => {
    expect(weekTimesOf(['0  6 * * 0'])).toEqual({ days: [7], times: [360] })
    expect(weekTimesOf(['0 6 * * 5-7'])).toEqual({ days: [5, 6, 7], times: [360] })
  })

  test.each([
    [['*/5 * * * *']],
    [['0 6 1 * *']],
    [['0 6 * * 1', '0 7 * * 2']],
    [['0 24 * * *']],
    [['60 1 * * *']],
    [['0 6 * * 5-1']],
    [['nonsense']],
    [[]],
  ])('%j cannot be described by days and times', crons => {
    expect(weekTimesOf(crons)).toBeUndefined()
  })
})
