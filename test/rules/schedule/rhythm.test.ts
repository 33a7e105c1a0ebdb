import { expect, test } from 'vitest'
import { type Rhythm, rhythmOf } from '../../../src/rules/schedule/rhythm.ts'
import { NOW } from '../../embedded/clock.ts'
import { scheduleOf } from '../../embedded/schedules.ts'

test.each<[string, readonly string[], string, string | undefined]>([
  ['every day', ['0 6 * * *'], 'UTC', 'Mon Tue Wed Thu Fri Sat Sun, a range: 06:00'],
  ['every day at the time of now', ['0 5 * * *'], 'UTC', 'Mon Tue Wed Thu Fri Sat Sun, a range: 05:00'],
  ['weekdays twice', ['0 15 * * 1-5', '0 7 * * 1-5'], 'UTC', 'Mon Tue Wed Thu Fri, a range: 07:00 15:00'],
  ['some days', ['30 7 * * 1,4'], 'UTC', 'Mon Thu: 07:30'],
  ['one day', ['0 7 * * 7'], 'UTC', 'Sun: 07:00'],
  ['by clocks five and a half hours ahead', ['0 20 * * 0'], 'Asia/Kolkata', 'Mon: 01:30'],
  ['days with other times', ['0 7 * * 1', '0 8 * * 2'], 'UTC', undefined],
  ['once a month, on a day within the next week', ['0 7 16 * *'], 'UTC', undefined],
  ['in some months', ['0 7 * 3 1'], 'UTC', undefined],
  ['too often to list', ['*/30 * * * *'], 'UTC', undefined],
])('described by days and times: %s', (_, crons, readersZone, expected) => {
  const rhythm = rhythmOf(scheduleOf('any', { crons }), readersZone, NOW)
  expect(describeWeek(rhythm, readersZone)).toBe(expected)
  expect(rhythm.next.length).toBeGreaterThan(0)
})

test('a schedule in the reader’s own zone is due at the same hour everywhere, even when the clocks change', () => {
  const schedule = scheduleOf('own', { crons: ['0 7 * * 1-5'], timeZone: 'reader' })
  for (const zone of ['Pacific/Auckland', 'Europe/Paris', 'America/New_York', 'Australia/Lord_Howe']) {
    for (const now of [NOW, Date.UTC(2026, 2, 27, 12), Date.UTC(2026, 9, 24, 23), Date.UTC(2026, 3, 3)]) {
      expect(describeWeek(rhythmOf(schedule, zone, now), zone)).toBe('Mon Tue Wed Thu Fri, a range: 07:00')
    }
  }
})

test('a schedule in another zone whose clocks change within the week has no weekly pattern', () => {
  const schedule = scheduleOf('paris', { timeZone: 'Europe/Paris' })
  expect(rhythmOf(schedule, 'UTC', Date.UTC(2026, 2, 27)).weekly).toBeUndefined()
  expect(describeWeek(rhythmOf(schedule, 'UTC', NOW), 'UTC')).toBe(
    'Mon Tue Wed Thu Fri Sat Sun, a range: 05:00',
  )
})

test.each([[['not cron']], [['0 6 30 2 *']]])('%j has neither a next time nor a pattern', crons => {
  expect(rhythmOf(scheduleOf('any', { crons }), 'UTC', NOW)).toEqual({ next: [], weekly: undefined })
})

function describeWeek({ weekly }: Rhythm, timeZone: string): string | undefined {
  if (!weekly) return undefined
  const shown = (options: Intl.DateTimeFormatOptions) => (time: number) =>
    new Intl.DateTimeFormat('en-GB', { ...options, timeZone }).format(time)
  const days = weekly.days.map(shown({ weekday: 'short' })).join(' ')
  const times = weekly.times.map(shown({ hour: '2-digit', minute: '2-digit' })).join(' ')
  return `${days}${weekly.isRange ? ', a range' : ''}: ${times}`
}
