import { expect, test } from 'vitest'
import { firstShown, startOfDay } from '../../../src/rules/time/local-time.ts'

const local = (time: string) => Date.parse(`${time}:00Z`)
const instant = local

test.each([
  ['once', '2026-03-11T06:00', '2026-03-11T05:00'],
  ['twice is first shown the first time', '2026-10-25T02:30', '2026-10-25T00:30'],
  ['never counts from the change of the clocks', '2026-03-29T02:30', '2026-03-29T01:00'],
])('a time that is shown %s', (_times, time, first) => {
  expect(firstShown(local(time), 'Europe/Paris')).toBe(instant(first))
})

test.each([
  ['Europe/Paris', '2026-03-11T22:30', '2026-03-10T23:00'],
  ['Europe/Paris', '2026-03-11T23:30', '2026-03-11T23:00'],
  ['America/Los_Angeles', '2026-03-11T03:00', '2026-03-10T07:00'],
  ['Pacific/Kiritimati', '1969-12-31T23:00', '1969-12-31T10:40'],
  // The clocks there skip from midnight to one.
  ['Africa/Cairo', '2026-04-24T12:00', '2026-04-23T22:00'],
])('the day in %s in which %s lies starts at %s', (timeZone, time, begins) => {
  expect(startOfDay(instant(time), timeZone)).toBe(instant(begins))
})
