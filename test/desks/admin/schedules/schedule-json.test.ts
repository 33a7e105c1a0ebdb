import { expect, test } from 'vitest'
import { scheduleJson } from '../../../../src/desks/admin/schedules/schedule-json.ts'
import { MINUTE } from '../../../../src/ground/durations.ts'
import type { Schedule } from '../../../../src/rules/schedule/schedule.ts'
import { NOW } from '../../../embedded/clock.ts'

const SCHEDULE: Schedule = {
  name: 'mornings',
  crons: ['0 7 * * *'],
  timeZone: 'reader',
  isDefault: false,
  enabled: true,
  filter: { maxScore: 10 },
  minMessages: 2,
  sendsEmpty: true,
  spread: 30 * MINUTE,
  isOffered: true,
  version: 5,
  updatedAt: NOW,
}

test('the JSON of a schedule has the same names as the command line', () => {
  expect(scheduleJson(SCHEDULE, '2026-03-11T22:00:00.000Z')).toEqual({
    name: 'mornings',
    cron: ['0 7 * * *'],
    timezone: 'reader',
    default: false,
    on: true,
    filter: { kinds: null, minScore: null, maxScore: 10 },
    minMessages: 2,
    sendEmpty: true,
    spread: '30m',
    readersMayChoose: true,
    version: 5,
    next: '2026-03-11T22:00:00.000Z',
  })
})

test('a schedule that is off, or cannot be read, has no next time', () => {
  expect(scheduleJson(SCHEDULE, undefined).next).toBeNull()
})
