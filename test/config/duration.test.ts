import { expect, test } from 'vitest'
import { parseDuration } from '../../src/config/duration.ts'

test.each([
  ['250ms', 250],
  ['90s', 90_000],
  ['1.5h', 5_400_000],
  [' 14 d ', 14 * 86_400_000],
  ['2w', 14 * 86_400_000],
])('%s is %d milliseconds', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds)
})

test.each(['', '5', 'h', '-1h', '1 month', '1h30m', '1e3s', '9999999d'])('%j is no span of time', text => {
  expect(parseDuration(text)).toBeUndefined()
})
