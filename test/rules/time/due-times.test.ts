import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HOUR } from '../../../src/ground/durations.ts'
import { lastDue, nextDue, type Times } from '../../../src/rules/time/due-times.ts'
import { clockWalk, dueOnWalk } from './clock-walk.ts'

/** A change of clocks in each kind of zone: its UTC time, and what is special about it. */
const CHANGES: readonly (readonly [string, string])[] = [
  ['Europe/Paris', '2026-03-29T01:00Z'],
  ['Europe/Paris', '2026-10-25T01:00Z'],
  ['America/New_York', '2026-03-08T07:00Z'],
  ['America/New_York', '2026-11-01T06:00Z'],
  // By half an hour.
  ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
  // For Ramadan.
  ['Africa/Casablanca', '2026-02-15T02:00Z'],
  ['Africa/Casablanca', '2026-03-22T02:00Z'],
  // At midnight: an hour of yesterday is repeated, or the day begins at one.
  ['America/Havana', '2026-03-08T05:00Z'],
  ['America/Havana', '2026-11-01T05:00Z'],
  ['Asia/Beirut', '2026-03-28T22:00Z'],
  ['Asia/Beirut', '2026-10-24T21:00Z'],
  // A day that was skipped.
  ['Pacific/Apia', '2011-12-30T10:00Z'],
  // By two hours.
  ['Antarctica/Troll', '2026-03-29T01:00Z'],
  ['Antarctica/Troll', '2026-10-25T01:00Z'],
  // Not by daylight saving at all.
  ['Asia/Pyongyang', '2018-05-04T15:00Z'],
  ['Asia/Kolkata', '2026-03-29T01:00Z'],
]

const walks = CHANGES.map(([timeZone, change]) => {
  const from = Date.parse(change) - 40 * HOUR
  return { timeZone, change: Date.parse(change), walk: clockWalk(from, from + 80 * HOUR, timeZone) }
})

/** The hours around a change of clocks in which every due time is compared. */
const WHOLE_WALK = [[-40, 40]] as const
/** For hourly expressions: the hours around the change, and around the limits of where `due-times.ts` looks for it. */
const CRITICAL_HOURS = [
  [-27, -25],
  [-3, 4],
  [25, 27],
] as const

const CRONS = [
  '30 2 * * *',
  '0 0 * * *',
  '30 1 * * *',
  '0 3 * * *',
  '0 * * * *',
  '30 * * * *',
  '*/15 * * * *',
  '*/15 2 * * *',
  '15 1-3 * * *',
  '0 */2 * * *',
  '45 23 * * 6',
  '10 2 * * 0',
  '30 2 29 * *',
]

test.each(CRONS)(
  '%s is due exactly when a walk over every minute says so, even when the clocks change',
  cron => {
    for (const { timeZone, change, walk } of walks) {
      const onWalk = dueOnWalk(cron, walk)
      const times = { crons: [cron], timeZone }
      const isHourly = cron.split(' ')[1] === '*'
      for (const [first, last] of isHourly ? CRITICAL_HOURS : WHOLE_WALK) {
        const [from, to] = [change + first * HOUR, change + last * HOUR]
        const expected = onWalk.filter(time => time > from && time <= to).map(iso)
        expect(onwards(times, from, to).map(iso), timeZone).toEqual(expected)
        expect(backwards(times, from, to).map(iso), timeZone).toEqual(expected)
      }
    }
  },
)

test('at any moment, the last time and the next one are neighbours on the walk', () => {
  const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 4 })
  const hours = fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 6 })
  const field = (values: fc.Arbitrary<number[]>) =>
    fc.oneof(
      fc.constant('*'),
      values.map(list => list.toSorted((a, b) => a - b).join(',')),
    )
  const days = fc.constantFrom('* * *', '* * *', '* * 0', '* * 1-5', '29 * *', '*/2 * 6')
  const cron = fc
    .tuple(
      minutes.map(list => list.join(',')),
      field(hours),
      days,
    )
    .map(parts => parts.join(' '))
  fc.assert(
    fc.property(
      fc.constantFrom(...walks),
      fc.array(cron, { minLength: 1, maxLength: 2 }),
      fc.integer({ min: -3 * HOUR, max: 3 * HOUR }),
      ({ timeZone, walk }, crons, off) => {
        const now = (walk[0]?.[0] ?? 0) + 40 * HOUR + off
        const expected = crons.flatMap(cron => dueOnWalk(cron, walk))
        const [first, end] = [walk[0]?.[0] ?? 0, walk.at(-1)?.[0] ?? 0]
        const last = lastDue({ crons, timeZone }, now) ?? Number.NaN
        const next = nextDue({ crons, timeZone }, now) ?? Number.NaN
        const before = Math.max(...expected.filter(time => time <= now))
        const after = Math.min(...expected.filter(time => time > now))
        if (Number.isFinite(before)) expect(iso(last)).toBe(iso(before))
        else expect(last).toBeLessThanOrEqual(first)
        if (Number.isFinite(after)) expect(iso(next)).toBe(iso(after))
        else expect(next).toBeGreaterThan(end)
      },
    ),
    { numRuns: 150 },
  )
})

test.each([
  // The clocks jump from 02:00 to 03:00: due when they do.
  ['30 2 * * *', 'Europe/Paris', '2026-03-29', ['2026-03-29T01:00Z']],
  ['30 2 * * *', 'America/New_York', '2026-03-08', ['2026-03-08T07:00Z']],
  // From 02:00 to 02:30.
  ['15 2 * * *', 'Australia/Lord_Howe', '2026-10-04', ['2026-10-03T15:30Z']],
  // From 02:00 to 03:00 when Ramadan is over.
  ['30 2 * * *', 'Africa/Casablanca', '2026-03-22', ['2026-03-22T02:00Z']],
  // The clocks are put back from 03:00 to 02:00: the first of the two.
  ['30 2 * * *', 'Europe/Paris', '2026-10-25', ['2026-10-25T00:30Z']],
  ['30 1 * * *', 'America/New_York', '2026-11-01', ['2026-11-01T05:30Z']],
  ['45 1 * * *', 'Australia/Lord_Howe', '2026-04-05', ['2026-04-04T14:45Z']],
  ['30 2 * * *', 'Africa/Casablanca', '2026-02-15', ['2026-02-15T01:30Z']],
  // An hourly expression is due in both hours that look alike, and not in the one that is skipped.
  ['0 * 25 10 *', 'Europe/Paris', '2026-10-25', hoursFrom('2026-10-24T22:00Z', 25)],
  ['0 * 29 3 *', 'Europe/Paris', '2026-03-29', hoursFrom('2026-03-28T23:00Z', 23)],
  // A Friday that was skipped: due once at the end of it, and then on Saturday at the usual time.
  ['0 6 30,31 12 *', 'Pacific/Apia', '2011-12-31', ['2011-12-30T10:00Z', '2011-12-30T16:00Z']],
])('%s in %s on %s', (cron, timeZone, day, expected) => {
  const times = { crons: [cron], timeZone }
  const [from, to] = [Date.parse(day) - 15 * HOUR, Date.parse(day) + 26 * HOUR]
  const here = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' })
  const onDay = onwards(times, from, to).filter(time => here.format(time) === day)
  expect(onDay).toEqual(expected.map(text => Date.parse(text)))
})

test('a leap day comes once in four years', () => {
  const times = { crons: ['0 6 29 2 *'], timeZone: 'UTC' }
  const now = Date.UTC(2026, 10, 23)
  expect(iso(lastDue(times, now))).toBe('2024-02-29T06:00:00.000Z')
  expect(iso(nextDue(times, now))).toBe('2028-02-29T06:00:00.000Z')
  // 2100 is not a leap year.
  expect(iso(nextDue(times, Date.UTC(2096, 2, 1)))).toBe('2104-02-29T06:00:00.000Z')
})

test('a run is due from the first millisecond of its time', () => {
  const times = { crons: ['0 6 * * *'], timeZone: 'UTC' }
  const six = Date.UTC(2026, 2, 11, 6)
  expect([six - 1, six, six + 1].map(now => lastDue(times, now))).toEqual([six - 24 * HOUR, six, six])
  expect([six - 1, six, six + 1].map(now => nextDue(times, now))).toEqual([
    six,
    six + 24 * HOUR,
    six + 24 * HOUR,
  ])
})

test.each([
  ['0 25 * * *', 'UTC'],
  ['H 6 * * *', 'UTC'],
  ['@daily', 'UTC'],
  ['0 0 6 * * *', 'UTC'],
  ['{"daily":', 'UTC'],
  ['0 6 * * *', 'Moon/Base'],
])('an unreadable expression or zone throws: %s in %s', (cron, timeZone) => {
  expect(() => lastDue({ crons: [cron], timeZone }, Date.UTC(2026, 2, 11))).toThrow()
})

/** The due times after `from`, up to and including `to`, found by going forward. */
function onwards(times: Times, from: number, to: number): number[] {
  const due: number[] = []
  for (let now = nextDue(times, from); now !== undefined && now <= to; now = nextDue(times, now))
    due.push(now)
  return due
}

function backwards(times: Times, from: number, to: number): number[] {
  const due: number[] = []
  for (let now = lastDue(times, to); now !== undefined && now > from; now = lastDue(times, now - 1))
    due.push(now)
  return due.reverse()
}

function hoursFrom(first: string, count: number): string[] {
  return Array.from({ length: count }, (_, hour) => new Date(Date.parse(first) + hour * HOUR).toISOString())
}

const iso = (time: number | undefined): string => new Date(time ?? Number.NaN).toISOString()
