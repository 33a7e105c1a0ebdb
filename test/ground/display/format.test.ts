import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatScore, formatSize, formatTime } from '../../../src/ground/display/format.ts'
import { formatLanguage } from '../../../src/ground/display/language.ts'
import { DAY, MINUTE } from '../../../src/ground/durations.ts'

const TIME = Date.UTC(2026, 2, 5, 13, 5)
const PARIS = { language: 'en', timeZone: 'Europe/Paris' }

test('A time is written in the language and time zone of its reader', () => {
  expect(formatTime(TIME, 'moment', PARIS)).toBe('Thu, Mar 5, 2:05 PM')
  expect(formatTime(TIME, 'shortDay', PARIS)).toBe('Mar 5')
  expect(formatTime(TIME, 'date', { language: 'de', timeZone: 'Asia/Tokyo' })).toBe('5. März 2026')
})

test.each([
  ['en', 'Sat, Jan 1, 2028, 12:30 AM', 'Saturday, January 1, 2028'],
  ['de', 'Sa., 1. Jan. 2028, 0:30', 'Samstag, 1. Januar 2028'],
  ['ar', 'السبت، 1 يناير 2028، 12:30 ص', 'السبت، 1 يناير 2028'],
])('A day that is not in the current year of the reader has its year: %s', (language, moment, day) => {
  const paris = { language, timeZone: 'Europe/Paris', now: Date.UTC(2027, 11, 31, 22, 59) }
  const newYear = Date.UTC(2027, 11, 31, 23, 30)
  expect(formatTime(newYear, 'moment', paris)).toBe(moment)
  expect(formatTime(newYear, 'day', paris)).toBe(day)
  const later = { ...paris, now: paris.now + MINUTE }
  expect(formatTime(newYear, 'moment', later)).not.toContain('2028')
  expect(formatTime(newYear, 'clock', paris)).toBe(formatTime(newYear, 'clock', later))
})

test.each([
  ['ar', 'الثلاثاء، 1 ديسمبر، 2:05 م', '1 ديسمبر', '1 ديسمبر 2026'],
  ['cs', 'út 1. 12. 14:05', '1. 12.', '1. prosince 2026'],
  ['de', 'Di., 1. Dez., 14:05', '1. Dez.', '1. Dezember 2026'],
  ['en', 'Tue, Dec 1, 2:05 PM', 'Dec 1', 'December 1, 2026'],
  ['en-GB', 'Tue 1 Dec, 14:05', '1 Dec', '1 December 2026'],
  ['es', 'mar, 1 dic, 14:05', '1 dic', '1 de diciembre de 2026'],
  ['fr', 'mar. 1er déc., 14:05', '1er déc.', '1er décembre 2026'],
  ['fr-CA', 'mar. 1er déc., 14 h 05', '1er déc.', '1er décembre 2026'],
  ['it', 'mar 1º dic, 14:05', '1º dic', '1º dicembre 2026'],
  ['nl', 'di 1 dec, 14:05', '1 dec', '1 december 2026'],
  ['pl', 'wt., 1 gru, 14:05', '1 gru', '1 grudnia 2026'],
  ['pt', 'ter., 1 de dez., 14:05', '1 de dez.', '1 de dezembro de 2026'],
  ['pt-BR', 'ter., 1º de dez., 14:05', '1º de dez.', '1º de dezembro de 2026'],
  ['pt-PT', 'terça, 1/12, 14:05', '1/12', '1 de dezembro de 2026'],
  ['sv', 'tis 1 dec. 14:05', '1 dec.', '1 december 2026'],
])('The first day of a month is written as is the custom: %s', (language, moment, shortDay, date) => {
  const place = { language, timeZone: 'UTC' }
  const time = Date.UTC(2026, 11, 1, 14, 5)
  const plain = (style: 'moment' | 'shortDay' | 'date') =>
    formatTime(time, style, place).replaceAll('\u00A0', ' ')
  expect([plain('moment'), plain('shortDay'), plain('date')]).toEqual([moment, shortDay, date])
  expect(formatTime(time + 10 * DAY, 'date', place)).toContain('11')
  expect(formatTime(time + 10 * DAY, 'date', place)).not.toMatch(/11(?:er|º)/)
})

test('The hour 1 is no ordinal', () => {
  const time = Date.UTC(2026, 11, 2, 1, 1)
  expect(formatTime(time, 'moment', { language: 'fr', timeZone: 'UTC' })).toBe('mer. 2 déc., 1:01')
})

test('An unknown language counts as English, an unknown time zone as UTC', () => {
  expect(formatTime(TIME, 'moment', { language: '!!', timeZone: 'Mars/Base' })).toBe('Thu, Mar 5, 1:05 PM')
})

test('A time outside the calendar is left out', () => {
  expect(formatTime(Number.NaN, 'day', PARIS)).toBe('')
  expect(formatTime(9e15, 'day', PARIS)).toBe('')
})

test.each([
  [0, '1 kB'],
  [999, '1 kB'],
  [4321, '4 kB'],
  [999_499, '999 kB'],
  [999_900, '1 MB'],
  [1_250_000, '1.3 MB'],
  [123_456_789, '123.5 MB'],
  [5e9, '5 GB'],
  [Number.NaN, '1 kB'],
])('%d octets are %s', (octets, text) => {
  expect(formatSize(octets, 'en')).toBe(text)
})

test.each([
  [null, undefined],
  [6.99, '6.9'],
  [999.999, '999.9'],
  [-0.01, '0.0'],
  [Number.NaN, undefined],
])('The score %s is written %s', (score, text) => {
  expect(formatScore(score, 'en')).toBe(text)
})

test('Numbers follow the language', () => {
  expect(formatScore(7.25, 'de')).toBe('7,2')
})

test('Numbers and dates are never in another language than the words', () => {
  expect(formatLanguage('en-GB', 'en')).toBe('en-GB')
  expect(formatLanguage('fi', 'en')).toBe('en')
})

test('No language, zone or number throws', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.double(), (language, timeZone, number) => {
      formatTime(number, 'moment', { language, timeZone })
      formatSize(number, language)
      formatScore(number, language)
    }),
  )
})
