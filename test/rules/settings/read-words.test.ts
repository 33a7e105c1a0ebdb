import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../../src/ground/durations.ts'
import {
  readAddresses,
  readList,
  readLocks,
  readOn,
  readPause,
} from '../../../src/rules/settings/read-words.ts'
import { FOREVER, NOT_PAUSED } from '../../../src/rules/settings/setting-fields.ts'
import { copyWords, pauseWord } from '../../../src/rules/settings/settings-words.ts'
import { NOW } from '../../embedded/clock.ts'

test.each([
  ['2026-12-24', 'UTC', Date.UTC(2026, 11, 24)],
  ['2026-12-24', 'America/New_York', Date.UTC(2026, 11, 24, 5)],
  ['2026-07-01', 'Australia/Lord_Howe', Date.UTC(2026, 5, 30, 13, 30)],
  // Clocks jump from 0:00 to 1:00 that day: it begins with the jump.
  ['2026-04-24', 'Africa/Cairo', Date.UTC(2026, 3, 23, 22)],
  ['2026-12-24T18:00', 'Europe/Paris', Date.UTC(2026, 11, 24, 17)],
  ['2026-12-24T18:00:30', 'Europe/Paris', Date.UTC(2026, 11, 24, 17, 0, 30)],
  ['2026-12-24T18:00Z', 'Europe/Paris', Date.UTC(2026, 11, 24, 18)],
  ['2026-12-24t18:00:00.123+02:00', 'Asia/Tokyo', Date.UTC(2026, 11, 24, 16, 0, 0, 123)],
  [' 1w ', 'UTC', NOW + 7 * DAY],
  ['30d', 'UTC', NOW + 30 * DAY],
  ['12h', 'UTC', NOW + 12 * HOUR],
  ['forever', 'UTC', FOREVER],
  ['Never', 'UTC', NOT_PAUSED],
])('%s in %s is read as a time', (text, timeZone, time) => {
  expect(readPause(text, timeZone, NOW)).toBe(time)
})

test.each(
  [
    ['', 'tomorrow', '24.12.2026', '12/24/2026', '2026-12', '2026-02-30', '2026-13-01', '2026-12-24T25:00'],
    [
      '2026-12-24T18',
      '2026-12-24 18:00',
      '20261224',
      '1y',
      '5m',
      '90s',
      '-1d',
      '1.5d',
      'w',
      '1 month',
      '1e3d',
    ],
    ['2026-02-30T00:00Z', '2026-12-24T18:00+99:99', '٢٠٢٦-١٢-٢٤', `${'9'.repeat(9)}d`],
  ].flat(),
)('%j is not read as a time', text => {
  expect(readPause(text, 'UTC', NOW)).toBeUndefined()
})

test('a pause that was written is read back unchanged', () => {
  for (const time of [FOREVER, NOT_PAUSED, NOW + 123]) {
    expect(readPause(pauseWord(time) ?? '', 'UTC', NOW)).toBe(time)
  }
  expect(pauseWord(null)).toBeNull()
})

test('several words mean on, and several mean off', () => {
  expect(['on', 'YES', 'true', '1'].map(readOn)).toEqual([true, true, true, true])
  expect(['off', 'No', 'false', '0'].map(readOn)).toEqual([false, false, false, false])
  expect(['', 'maybe', '2'].map(readOn)).toEqual([undefined, undefined, undefined])
})

test('addresses are separated like other lists, a quoted one may have a blank, and "nobody" is none', () => {
  expect(readAddresses(' a@example.com,b@example.com; c@example.com\td@example.com ')).toHaveLength(4)
  expect(readAddresses('"a b, c"@example.com d@example.com')).toEqual([
    '"a b, c"@example.com',
    'd@example.com',
  ])
  expect(readAddresses('Nobody')).toEqual([])
  expect(readAddresses(copyWords([]))).toEqual([])
  expect(readAddresses(copyWords(['"a b"@example.com', 'c@example.com']))).toEqual([
    '"a b"@example.com',
    'c@example.com',
  ])
})

test('locks have the names of the command line or of JSON, and list separators may be mixed', () => {
  expect(readLocks(readList('deliver-to, timezone;pause  SCHEDULE'))).toEqual([
    'deliverTo',
    'timeZone',
    'pause',
    'schedules',
  ])
  expect(readLocks(['deliverTo', 'timeZone', 'schedules'])).toEqual(['deliverTo', 'timeZone', 'schedules'])
  expect(readLocks(['language', 'on'])).toBeUndefined()
})
