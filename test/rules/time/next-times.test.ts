import { Cron } from 'croner'
import { expect, test, vi } from 'vitest'
import { nextTimes } from '../../../src/rules/time/next-times.ts'
import { NOW } from '../../embedded/clock.ts'

const shown = (crons: readonly string[], timeZone: string, from: string, count: number) =>
  nextTimes({ crons, timeZone }, Date.parse(from), count).map(time =>
    new Date(time).toISOString().slice(0, 16),
  )

test('the next times of several expressions come in order, each moment once', () => {
  const crons = ['0 7,15 * * 1-5', '0 15 * * *']
  expect(shown(crons, 'Asia/Tokyo', '2026-03-13T00:00Z', 4)).toEqual([
    '2026-03-13T06:00',
    '2026-03-14T06:00',
    '2026-03-15T06:00',
    '2026-03-15T22:00',
  ])
})

test.each([
  // Europe: 02:00 becomes 03:00 on 29 March, 03:00 becomes 02:00 on 25 October.
  ['Europe/Paris', '30 2 * * *', '2026-03-27T12:00Z', ['28T01:30', '29T01:00', '30T00:30']],
  ['Europe/Paris', '30 2 * * *', '2026-10-23T12:00Z', ['24T00:30', '25T00:30', '26T01:30']],
  ['America/New_York', '30 2 * * *', '2026-03-06T12:00Z', ['07T07:30', '08T07:00', '09T06:30']],
  ['America/New_York', '30 1 * * *', '2026-10-30T12:00Z', ['31T05:30', '01T05:30', '02T06:30']],
  // Lord Howe changes by half an hour.
  ['Australia/Lord_Howe', '15 2 * * *', '2026-10-02T00:00Z', ['02T15:45', '03T15:30', '04T15:15']],
  ['Australia/Lord_Howe', '45 1 * * *', '2026-04-03T00:00Z', ['03T14:45', '04T14:45', '05T15:15']],
  // Morocco goes back for Ramadan: 15 February and 22 March 2026.
  ['Africa/Casablanca', '30 2 * * *', '2026-02-13T12:00Z', ['14T01:30', '15T01:30', '16T02:30']],
  ['Africa/Casablanca', '30 2 * * *', '2026-03-20T12:00Z', ['21T02:30', '22T02:00', '23T01:30']],
] as const)('in %s, %s is due once a day when clocks change (%s)', (timeZone, cron, from, expected) => {
  expect(shown([cron], timeZone, from, 3).map(time => time.slice(8))).toEqual(expected)
})

test('a count of 0 gives no times', () => {
  expect(shown(['0 6 * * *'], 'UTC', '2026-03-11T05:00Z', 0)).toEqual([])
})

test('for each time only the expression that was due is calculated again, not all of them', () => {
  const crons = Array.from({ length: 20 }, (_, index) => `${index * 2} ${index} 29 2 *`)
  const times = { crons, timeZone: 'Europe/Paris' }
  using looks = vi.spyOn(Cron.prototype, 'nextRun')
  nextTimes(times, NOW, 1)
  const first = looks.mock.calls.length
  nextTimes(times, NOW, 19)
  expect(first).toBeGreaterThanOrEqual(crons.length)
  expect(looks.mock.calls.length).toBeLessThan(4 * first)
})
