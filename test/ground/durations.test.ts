import { expect, test } from 'vitest'
import { DAY, durationText, HOUR, MINUTE, parseDuration, SECOND } from '../../src/ground/durations.ts'

test('the units are milliseconds', () => {
  expect([SECOND, MINUTE, HOUR, DAY]).toEqual([1_000, 60_000, 3_600_000, 86_400_000])
})

test.each([
  ['250ms', 250],
  ['90s', 90_000],
  ['1.5h', 5_400_000],
  [' 14 d ', 14 * 86_400_000],
  ['2w', 14 * 86_400_000],
])('%s is %d milliseconds', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds)
})

test.each(['', '5', 'h', '-1h', '1 month', '1h30m', '1e3s', '9999999d'])('%j is not a span of time', text => {
  expect(parseDuration(text)).toBeUndefined()
})

test.each([
  [0, '0s'],
  [1500, '1500ms'],
  [90_000, '90s'],
  [1_800_000, '30m'],
  [7_200_000, '2h'],
  [172_800_000, '2d'],
])('%i ms is written as %s and read back', (span, text) => {
  expect(durationText(span)).toBe(text)
  expect(parseDuration(text)).toBe(span)
})
