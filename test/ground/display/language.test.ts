import { expect, test } from 'vitest'
import { formatSize, formatTime } from '../../../src/ground/display/format.ts'
import { formatLanguage } from '../../../src/ground/display/language.ts'

test('numbers and dates follow the reader’s own tag if the words are in that language', () => {
  expect(formatLanguage('en-GB', 'en')).toBe('en-GB')
  expect(formatLanguage('DE-at', 'de')).toBe('DE-at')
  expect(formatLanguage('fi', 'en')).toBe('en')
})

test('the digits are those of the words', () => {
  const language = formatLanguage('ar-EG', 'ar')
  expect(formatSize(2000, language)).toMatch(/^2/)
  expect(formatTime(Date.UTC(2026, 10, 23), 'date', { language, timeZone: 'UTC' })).toContain('2026')
})

test('a text that is not a tag breaks nothing', () => {
  expect(formatLanguage('en-!!', 'en')).toBe('en-!!')
  expect(formatLanguage('fa-!!', 'fa')).toBe('fa')
})
