import { expect, test } from 'vitest'
import { cronFault } from '../../../src/ground/cron/cron-fault.ts'
import { hoursOf, minutesOf, utcCron } from '../../../src/ground/cron/utc-cron.ts'

/** A Wednesday. */
const FROM = new Date('2026-03-11T12:00Z')

const nextTimes = (cron: string): string[] =>
  utcCron(cron)
    .nextRuns(3, FROM)
    .map(time => time.toISOString().slice(0, 16))

const SUNDAYS = ['2026-03-15T06:00', '2026-03-22T06:00', '2026-03-29T06:00']
const DAILY = ['2026-03-12T06:00', '2026-03-13T06:00', '2026-03-14T06:00']

test.each([
  ['*/90 * * * *', ['2026-03-11T13:00', '2026-03-11T14:00', '2026-03-11T15:00']],
  ['*/61 * * * *', ['2026-03-11T13:00', '2026-03-11T14:00', '2026-03-11T15:00']],
  ['5-9/90 * * * *', ['2026-03-11T12:05', '2026-03-11T13:05', '2026-03-11T14:05']],
  ['0 */25 * * *', ['2026-03-12T00:00', '2026-03-13T00:00', '2026-03-14T00:00']],
  ['0 6 */32 * *', ['2026-04-01T06:00', '2026-05-01T06:00', '2026-06-01T06:00']],
  ['0 6 * */13 *', ['2027-01-01T06:00', '2027-01-02T06:00', '2027-01-03T06:00']],
  ['0 6 * * */8', SUNDAYS],
  ['0 6 * * 1-7/8', ['2026-03-16T06:00', '2026-03-23T06:00', '2026-03-30T06:00']],
  ['0 6 * * 0-sun', SUNDAYS],
  ['0 6 * * sun-sun', SUNDAYS],
  ['0 6 * * Sun-SUN/2', SUNDAYS],
  ['0 6 * * sun-sun,thu', ['2026-03-12T06:00', '2026-03-15T06:00', '2026-03-19T06:00']],
  ['0 6 * * sun-mon', ['2026-03-15T06:00', '2026-03-16T06:00', '2026-03-22T06:00']],
  ['0 6 * * sat-sun', ['2026-03-14T06:00', '2026-03-15T06:00', '2026-03-21T06:00']],
  ['0 6 *,L * 1', DAILY],
  ['0 6 L,* * 1', DAILY],
  ['0 6 * * jan', ['2026-03-16T06:00', '2026-03-23T06:00', '2026-03-30T06:00']],
])('%s is accepted, and due when cron-parser took it to be', (cron, expected) => {
  expect(cronFault(cron)).toBeUndefined()
  expect(nextTimes(cron)).toEqual(expected)
})

test('a step beyond its field selects the first minute or hour', () => {
  expect(minutesOf('*/90 */25 * * *')).toEqual([0])
  expect(hoursOf('*/90 */25 * * *')).toEqual([0])
})

test.each([
  'H * * * *',
  '5/10 * * * *',
  '5/90 * * * *',
  '*/0 * * * *',
  '0 6 ? * *',
  '@daily',
  '0 6 * sun *',
  '0 6 * jan-sun *',
  '0 6 * * fri-mon',
  '0 6 * * 8/9',
])('%s is refused, as it was with cron-parser', cron => {
  expect(cronFault(cron)).toMatch(/^expected a cron expression/)
})
