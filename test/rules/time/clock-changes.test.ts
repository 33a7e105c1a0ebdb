import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/ground/durations.ts'
import { lastDue, nextDue } from '../../../src/rules/time/due-times.ts'

/** What is due around a change of clocks, in UTC. The changes are on Sundays, in the night. */
interface Change {
  readonly daily: readonly string[]
  readonly weekly: readonly string[]
  readonly workdays: readonly string[]
  /** On the day of the change. */
  readonly hourly: readonly string[]
  readonly quarters: readonly string[]
}

const CRONS: Readonly<Record<keyof Change, string>> = {
  daily: '30 2 * * *',
  weekly: '30 2 * * 0',
  workdays: '0 7,15 * * 1-5',
  hourly: '0 * * * *',
  quarters: '*/15 * * * *',
}

const CHANGES: Readonly<Record<string, readonly [string, Change]>> = {
  'Paris in spring: 02:00 becomes 03:00': [
    'Europe/Paris',
    {
      daily: ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z'],
      weekly: ['2026-03-22T01:30Z', '2026-03-29T01:00Z', '2026-04-05T00:30Z'],
      workdays: ['2026-03-27T06:00Z', '2026-03-27T14:00Z', '2026-03-30T05:00Z', '2026-03-30T13:00Z'],
      hourly: every(60, '2026-03-28T23:00Z', 23),
      quarters: every(15, '2026-03-28T23:00Z', 4 * 23),
    },
  ],
  'Paris in autumn: 03:00 becomes 02:00': [
    'Europe/Paris',
    {
      daily: ['2026-10-24T00:30Z', '2026-10-25T00:30Z', '2026-10-26T01:30Z'],
      weekly: ['2026-10-18T00:30Z', '2026-10-25T00:30Z', '2026-11-01T01:30Z'],
      workdays: ['2026-10-23T05:00Z', '2026-10-23T13:00Z', '2026-10-26T06:00Z', '2026-10-26T14:00Z'],
      hourly: every(60, '2026-10-24T22:00Z', 25),
      quarters: every(15, '2026-10-24T22:00Z', 4 * 25),
    },
  ],
  'New York in spring: 02:00 becomes 03:00': [
    'America/New_York',
    {
      daily: ['2026-03-07T07:30Z', '2026-03-08T07:00Z', '2026-03-09T06:30Z'],
      weekly: ['2026-03-01T07:30Z', '2026-03-08T07:00Z', '2026-03-15T06:30Z'],
      workdays: ['2026-03-06T12:00Z', '2026-03-06T20:00Z', '2026-03-09T11:00Z', '2026-03-09T19:00Z'],
      hourly: every(60, '2026-03-08T05:00Z', 23),
      quarters: every(15, '2026-03-08T05:00Z', 4 * 23),
    },
  ],
  // 02:30 comes once; 01:30 comes twice.
  'New York in autumn: 02:00 becomes 01:00': [
    'America/New_York',
    {
      daily: ['2026-10-31T06:30Z', '2026-11-01T07:30Z', '2026-11-02T07:30Z'],
      weekly: ['2026-10-25T06:30Z', '2026-11-01T07:30Z', '2026-11-08T07:30Z'],
      workdays: ['2026-10-30T11:00Z', '2026-10-30T19:00Z', '2026-11-02T12:00Z', '2026-11-02T20:00Z'],
      hourly: every(60, '2026-11-01T04:00Z', 25),
      quarters: every(15, '2026-11-01T04:00Z', 4 * 25),
    },
  ],
  // No clock shows 02:00, but 02:30 is shown.
  'Lord Howe in spring: 02:00 becomes 02:30': [
    'Australia/Lord_Howe',
    {
      daily: ['2026-10-02T16:00Z', '2026-10-03T15:30Z', '2026-10-04T15:30Z'],
      weekly: ['2026-09-26T16:00Z', '2026-10-03T15:30Z', '2026-10-10T15:30Z'],
      workdays: ['2026-10-01T20:30Z', '2026-10-02T04:30Z', '2026-10-04T20:00Z', '2026-10-05T04:00Z'],
      hourly: [...every(60, '2026-10-03T13:30Z', 2), ...every(60, '2026-10-03T16:00Z', 21)],
      quarters: every(15, '2026-10-03T13:30Z', 4 * 23.5),
    },
  ],
  'Lord Howe in autumn: 02:00 becomes 01:30': [
    'Australia/Lord_Howe',
    {
      daily: ['2026-04-03T15:30Z', '2026-04-04T16:00Z', '2026-04-05T16:00Z'],
      weekly: ['2026-03-28T15:30Z', '2026-04-04T16:00Z', '2026-04-11T16:00Z'],
      workdays: ['2026-04-02T20:00Z', '2026-04-03T04:00Z', '2026-04-05T20:30Z', '2026-04-06T04:30Z'],
      hourly: [...every(60, '2026-04-04T13:00Z', 2), ...every(60, '2026-04-04T15:30Z', 22)],
      quarters: every(15, '2026-04-04T13:00Z', 4 * 24.5),
    },
  ],
  'Morocco before Ramadan: 03:00 becomes 02:00': [
    'Africa/Casablanca',
    {
      daily: ['2026-02-14T01:30Z', '2026-02-15T01:30Z', '2026-02-16T02:30Z'],
      weekly: ['2026-02-08T01:30Z', '2026-02-15T01:30Z', '2026-02-22T02:30Z'],
      workdays: ['2026-02-13T06:00Z', '2026-02-13T14:00Z', '2026-02-16T07:00Z', '2026-02-16T15:00Z'],
      hourly: every(60, '2026-02-14T23:00Z', 25),
      quarters: every(15, '2026-02-14T23:00Z', 4 * 25),
    },
  ],
  'Morocco after Ramadan: 02:00 becomes 03:00': [
    'Africa/Casablanca',
    {
      daily: ['2026-03-21T02:30Z', '2026-03-22T02:00Z', '2026-03-23T01:30Z'],
      weekly: ['2026-03-15T02:30Z', '2026-03-22T02:00Z', '2026-03-29T01:30Z'],
      workdays: ['2026-03-20T07:00Z', '2026-03-20T15:00Z', '2026-03-23T06:00Z', '2026-03-23T14:00Z'],
      hourly: every(60, '2026-03-22T00:00Z', 23),
      quarters: every(15, '2026-03-22T00:00Z', 4 * 23),
    },
  ],
}

const rows = Object.entries(CHANGES).flatMap(([name, [timeZone, change]]) =>
  Object.entries(CRONS).map(
    ([which, cron]) => [name, cron, timeZone, change[which as keyof Change]] as const,
  ),
)

test.each(rows)('%s; %s', (_name, cron, timeZone, expected) => {
  const times = { crons: [cron], timeZone }
  const instants = expected.map(text => Date.parse(text))
  const [first = Number.NaN] = instants
  const onwards = [
    iso(nextDue(times, first - 1)),
    ...instants.slice(0, -1).map(at => iso(nextDue(times, at))),
  ]
  expect(onwards).toEqual(instants.map(iso))
  const backwards = instants.slice(1).map(at => iso(lastDue(times, at - 1)))
  expect(backwards).toEqual(instants.slice(0, -1).map(iso))
  expect(instants.map(at => iso(lastDue(times, at)))).toEqual(instants.map(iso))
})

function every(minutes: number, first: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date(Date.parse(first) + index * minutes * MINUTE).toISOString(),
  )
}

function iso(time: number | undefined): string {
  return new Date(time ?? Number.NaN).toISOString()
}
