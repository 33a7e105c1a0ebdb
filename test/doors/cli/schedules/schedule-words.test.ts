import { expect, test } from 'vitest'
import {
  type FilterWords,
  filterOfWords,
  type ScheduleWords,
  scheduleChangeOf,
} from '../../../../src/doors/cli/schedules/schedule-words.ts'

test('without options nothing is changed', () => {
  expect(Object.values(scheduleChangeOf({})).filter(value => value !== undefined)).toEqual([])
  expect(filterOfWords({})).toBeUndefined()
})

test('every option becomes a part of the change', () => {
  const words = {
    cron: ['0 6 * * *', '0 7 * * *'],
    timezone: 'reader',
    default: true,
    off: true,
    minMessages: '3',
    sendEmpty: false,
    spread: '90s',
    readersMayChoose: true,
  }
  expect(scheduleChangeOf(words)).toEqual({
    crons: words.cron,
    timeZone: 'reader',
    isDefault: true,
    enabled: false,
    minMessages: 3,
    sendsEmpty: false,
    spread: 90_000,
    isOffered: true,
  })
  expect(scheduleChangeOf({ on: true, spread: '0' })).toMatchObject({ enabled: true, spread: 0 })
})

test('options set or lift parts of a filter', () => {
  expect(filterOfWords({ kinds: 'spam, BADHEADER,spam', minScore: '-5', maxScore: '12.5' })).toEqual({
    kinds: ['spam', 'badHeader'],
    minScore: -5,
    maxScore: 12.5,
  })
  expect(filterOfWords({ kinds: 'all' })).toStrictEqual({ kinds: undefined })
  expect(filterOfWords({ minScore: 'none' })).toStrictEqual({ minScore: undefined })
})

test.each<[ScheduleWords & FilterWords, RegExp]>([
  [{ on: true, off: true }, /Either --on or --off/],
  [{ spread: '3 days' }, /--spread: expected a span of time such as 30m, or 0/],
  [{ spread: '' }, /--spread/],
  [{ minMessages: 'many' }, /--min-messages: expected a number\.$/],
  [{ minMessages: '1e9' }, /--min-messages/],
  [{ kinds: 'ham' }, /--kinds: expected all, or one or more of virus,banned,/],
  [{ kinds: '' }, /--kinds/],
  [{ kinds: 'all,spam' }, /--kinds/],
  [{ minScore: 'high' }, /--min-score: expected a number or none/],
  [{ maxScore: 'Infinity' }, /--max-score/],
  [{ maxScore: '9'.repeat(400) }, /--max-score/],
])('%j is wrong usage', (words, reason) => {
  const read = () => [scheduleChangeOf(words), filterOfWords(words)]
  expect(read).toThrow(reason)
  expect(read).toThrow(expect.objectContaining({ code: 'USAGE' }))
})
