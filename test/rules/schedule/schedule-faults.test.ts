import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../../src/ground/durations.ts'
import type { ScheduleChange } from '../../../src/rules/schedule/schedule-change.ts'
import { scheduleFaults } from '../../../src/rules/schedule/schedule-faults.ts'

test.each<[string, ScheduleChange]>([
  ['a', { crons: ['0 6 * * *'] }],
  ['0-day-run', { crons: ['0 7,15 * * 1-5', '30 12 * * sat'], timeZone: 'Asia/Tokyo' }],
  ['a'.repeat(64), { timeZone: 'reader', minMessages: 1000, spread: 2 * HOUR }],
  ['last-days', { crons: ['0 6 L * *', '0 6 * * 5L', '0 6 * * 1#2'] }],
  ['to-sunday', { crons: ['0 6 * * fri-sun', '0,0 6 * * 5-7'] }],
  ['words', { crons: ['*/15 8-17/3,20 1 JAN-mar/2,dec mon,Wed-fri'] }],
  [
    'steps-beyond',
    { crons: ['*/90 * * * *', '0 */25 * * *', '0 6 */32 * *', '0 6 * */13 *', '0 6 * * */8'] },
  ],
  ['sundays', { crons: ['0 6 * * 0-sun', '0 6 * * sun-sun'] }],
  ['each-in-a-list', { crons: ['0 6 *,L * 1'] }],
  ['leap-day', { crons: ['0 0 29 2 *'] }],
  ['mondays-in-february', { crons: ['0 0 30 2 1'] }],
  ['from-a-crontab', { crons: ['0\t6\t*\t*\t*\n', '0\u00a07 * * *'] }],
  ['spam', { filter: { kinds: ['spam'], minScore: -2.5, maxScore: 12 }, minMessages: 1, spread: 0 }],
  ['all', { filter: null }],
])('%s with %j is accepted', (name, change) => {
  expect(scheduleFaults(name, change)).toEqual([])
})

test.each([
  ['', 'nothing'],
  ['Daily', 'an upper-case letter'],
  ['-daily', 'a leading dash'],
  ['da ily', 'a space'],
  ['daily\n', 'a line break'],
  ['täglich', 'a letter other than a to z'],
  ['a'.repeat(65), 'more than 64 characters'],
  ['../../etc/passwd', 'a path'],
  ['<script>alert(1)</script>', 'markup'],
  ["'; drop table digest_schedule; --", 'SQL'],
  ['\u202egnp.exe', 'an invisible character'],
])('the name %j is refused: %s', name => {
  const faults = scheduleFaults(name, {})
  expect(faults).toEqual([expect.stringMatching(/^name ".*": expected up to 64 lower-case letters/)])
  expect(faults.join()).not.toMatch(/[\n\u202e]/)
})

test.each([
  ['0 6 * *', 'of five fields'],
  ['0 0 6 * * *', 'of five fields'],
  ['@daily', 'of five fields'],
  ['', 'of five fields'],
  ['61 6 * * *', '0 to 59 for the minute'],
  [
    '5/10 * * * *',
    '0 to 59 for the minute: lists as in 1,5, ranges as in 1-5, steps as in */2 or 1-9/2, or *',
  ],
  ['H H * * *', '0 to 59 for the minute'],
  ['0 6 ? * *', 'for the day of the month'],
  ['0 25 * * *', '0 to 23 for the hour'],
  ['0 18-6 * * *', '0 to 23 for the hour'],
  ['0 6 15W * *', 'for the day of the month'],
  ['0 6 * january *', '1 to 12 or jan to dec for the month'],
  ['0 6 * * mo', 'for the day of the week'],
  ['0 6 * * +5', 'for the day of the week'],
  ['0 0 30 2 *', 'these months have no such day'],
  ['0 0 31 4 *', 'these months have no such day'],
  ['0 0 31 2,4,6,9,11 *', 'these months have no such day'],
  [`${'1,'.repeat(4998)}1 * * * *`, 'at most 255 characters'],
])('the expression %.40s is refused', (cron, reason) => {
  const faults = scheduleFaults('daily', { crons: ['0 6 * * *', cron] })
  expect(faults).toHaveLength(1)
  expect(faults[0]).toContain(reason)
  expect(faults[0]?.length).toBeLessThan(200)
})

test('a schedule has 1 to 20 expressions', () => {
  const many = (count: number) => ({ crons: Array.from({ length: count }, (_, hour) => `0 ${hour} * * *`) })
  expect(scheduleFaults('daily', many(0))).toEqual([expect.stringContaining('at least one expression')])
  expect(scheduleFaults('daily', many(20))).toEqual([])
  expect(scheduleFaults('daily', many(21))).toEqual([expect.stringContaining('at most 20 expressions')])
})

test.each(['Mars/Phobos', '', 'Reader', '+02:00', 'Europe/Paris\n', '../zone'])(
  'the time zone %j is refused',
  timeZone => {
    expect(scheduleFaults('daily', { timeZone })).toEqual([
      expect.stringMatching(/^time zone ".*": expected a name such as Europe\/Paris, or reader/),
    ])
  },
)

test('an abbreviation is refused as a time zone, and the place that is meant is suggested', () => {
  expect(scheduleFaults('daily', { timeZone: 'BST' })).toEqual([
    'time zone "BST": expected a name such as Europe/Paris (BST: write Europe/London), or reader for each reader\'s own',
  ])
  expect(scheduleFaults('daily', { timeZone: 'Etc/UTC' })).toEqual([])
})

test('all faults are reported at once', () => {
  const change = {
    crons: ['@daily', '0 0 30 2 *'],
    timeZone: 'Mars/Phobos',
    filter: { kinds: ['ham'] as never, minScore: 12, maxScore: 5 },
    minMessages: 0,
    spread: 3 * DAY,
  }
  expect(scheduleFaults('Ümläut', change).map(fault => fault.split(':')[0])).toEqual([
    'name "Ümläut"',
    'cron "@daily"',
    'cron "0 0 30 2 *"',
    'time zone "Mars/Phobos"',
    'filter.kinds.0',
    'minimum of messages',
    'spread',
  ])
})

test('numbers outside their limits and filters with an empty range are refused', () => {
  expect(scheduleFaults('a', { minMessages: 1001 })).toEqual(['minimum of messages: expected 1 to 1000'])
  expect(scheduleFaults('a', { minMessages: 1.5 })).toHaveLength(1)
  expect(scheduleFaults('a', { minMessages: Number.NaN })).toHaveLength(1)
  expect(scheduleFaults('a', { spread: 7_200_001 })).toEqual(['spread: expected 0s to 2h'])
  expect(scheduleFaults('a', { spread: -1 })).toHaveLength(1)
  expect(scheduleFaults('a', { filter: { minScore: 5, maxScore: 5 } })).toEqual([
    expect.stringContaining('expected the lower score to be below the upper one'),
  ])
  expect(scheduleFaults('a', { filter: { kinds: [] } })).toHaveLength(1)
  expect(scheduleFaults('a', { filter: { minScore: 1_000_001 } })).toHaveLength(1)
  expect(scheduleFaults('a', { filter: { maxScore: -1_000_000 } })).toEqual([])
})
