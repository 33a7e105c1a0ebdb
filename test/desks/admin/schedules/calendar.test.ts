import { expect, test } from 'vitest'
import { calendar } from '../../../../src/desks/admin/schedules/calendar.ts'
import { MOST_RUNS } from '../../../../src/desks/admin/schedules/calendar-limits.ts'
import { setSchedule } from '../../../../src/desks/admin/schedules/change-schedules.ts'
import { DAY, HOUR, MINUTE } from '../../../../src/ground/durations.ts'
import type { Reach } from '../../../../src/rules/reach/reach.ts'
import type { ScheduleChange } from '../../../../src/rules/schedule/schedule-change.ts'
import { collect } from '../../../../src/work/collect/collect.ts'
import { NOW } from '../../../embedded/clock.ts'
import { type HeldMailSpec, hold } from '../../../embedded/held-mail.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { embeddedProgram } from '../../../embedded/program.ts'

const ROOT = { actor: { kind: 'admin', name: 'root', remoteAddress: null }, reach: undefined } as const

/** It is Wednesday, 11 March 2026, 05:00 UTC. */
async function world() {
  const program = await embeddedProgram()
  const { deps, state, storage } = program
  return {
    ...program,
    schedule: (name: string, change: ScheduleChange) => setSchedule(deps, ROOT, name, change),
    held: async (recipient: string, count: number, spec: Partial<HeldMailSpec> = {}) => {
      const mails = Array.from({ length: count }, () => ({ recipient, receivedAt: NOW - HOUR, ...spec }))
      return hold(storage, ...mails)
    },
    prefer: (scope: string, fields: Parameters<typeof prefer>[2]) => prefer(state, scope, fields),
    days: async (days: number, reach?: Reach) => {
      await collect(deps, NOW)
      const runs = await calendar(deps, reach, days)
      return runs.map(({ schedule, at, timeZones, readers, messages }) =>
        [schedule, new Date(at).toISOString().slice(5, 16), timeZones.join('+'), readers, messages].join(' '),
      )
    },
  }
}

test('coming runs are listed by time, each with the readers and messages that it would carry', async () => {
  const { schedule, held, prefer, days } = await world()
  await schedule('daily', { crons: ['0 6 * * *'] })
  await schedule('office', { crons: ['0 7,15 * * 1-5'], timeZone: 'Asia/Tokyo' })
  await schedule('off', { crons: ['0 * * * *'], enabled: false })
  await prefer('@tokyo.example', { schedules: '["office"]' })
  await held('alice@example.com', 2)
  await held('bob@example.com', 1)
  await held('chie@tokyo.example', 3)
  expect(await days(2)).toEqual([
    'daily 03-11T06:00 UTC 2 3',
    'office 03-11T06:00 Asia/Tokyo 1 3',
    'office 03-11T22:00 Asia/Tokyo 1 3',
    'daily 03-12T06:00 UTC 2 3',
    'office 03-12T06:00 Asia/Tokyo 1 3',
    'office 03-12T22:00 Asia/Tokyo 1 3',
  ])
})

test('a schedule by each reader’s own time zone has one run for all zones with the same due time', async () => {
  const { schedule, held, prefer, days } = await world()
  await schedule('mornings', { crons: ['0 7 * * *'], timeZone: 'reader' })
  await prefer('alice@example.com', { time_zone: 'Europe/Paris' })
  await prefer('bea@example.com', { time_zone: 'Europe/Berlin' })
  await prefer('@tokyo.example', { time_zone: 'Asia/Tokyo' })
  for (const reader of ['alice@example.com', 'bea@example.com', 'chie@tokyo.example', 'dan@example.com']) {
    await held(reader, 1)
  }
  expect(await days(1)).toEqual([
    'mornings 03-11T06:00 Europe/Berlin+Europe/Paris 2 2',
    'mornings 03-11T07:00 UTC 1 1',
    'mornings 03-11T22:00 Asia/Tokyo 1 1',
  ])
})

test('zones that change their clocks on different days have separate runs in between', async () => {
  const { schedule, prefer, time, deps } = await world()
  await schedule('nights', { crons: ['30 3 * * *'], timeZone: 'reader' })
  // Both are two hours ahead of UTC in winter; Israel changes its clocks two days earlier.
  await prefer('a@example.com', { time_zone: 'Europe/Kyiv' })
  await prefer('b@example.com', { time_zone: 'Asia/Jerusalem' })
  time.now = Date.UTC(2026, 2, 25, 12)
  const runs = (await calendar(deps, undefined, 6)).filter(run => !run.timeZones.includes('UTC'))
  expect(runs.map(run => `${new Date(run.at).toISOString().slice(8, 16)} ${run.timeZones.length}`)).toEqual([
    '26T01:30 2',
    '27T00:30 1',
    '27T01:30 1',
    '28T00:30 1',
    '28T01:30 1',
    '29T00:30 1',
    '29T01:00 1',
    '30T00:30 2',
    '31T00:30 2',
  ])
})

test('filters divide a reader’s mail between schedules, and too few messages make no digest', async () => {
  const { schedule, held, prefer, days } = await world()
  await schedule('daily', { crons: ['0 6 * * *'] })
  await schedule('borderline', { crons: ['0 */12 * * *'], filter: { maxScore: 10 }, minMessages: 2 })
  await schedule('obvious', { crons: ['0 8 * * *'], filter: { minScore: 10 } })
  await prefer('@', { schedules: '["borderline","obvious"]' })
  await held('alice@example.com', 2, { score: 6 })
  await held('alice@example.com', 5, { score: 20 })
  await held('bob@example.com', 1, { score: 6 })
  await held('carol@example.com', 1, { score: 6, receivedAt: NOW - 23 * HOUR })
  expect(await days(1)).toEqual([
    'daily 03-11T06:00 UTC 0 0',
    'obvious 03-11T08:00 UTC 1 5',
    'borderline 03-11T12:00 UTC 1 2',
    'borderline 03-12T00:00 UTC 1 2',
  ])
})

test('a paused reader counts from the end of the pause; a reader whose digests are off never counts', async () => {
  const { schedule, held, prefer, days } = await world()
  await schedule('daily', { crons: ['0 6 * * *'] })
  await prefer('soon@example.com', { paused_until: NOW + 2 * DAY })
  await prefer('late@example.com', { paused_until: NOW + 90 * DAY })
  await prefer('off@example.com', { enabled: 0 })
  for (const name of ['soon', 'late', 'off', 'here']) await held(`${name}@example.com`, 1)
  expect(await days(4)).toEqual([
    'daily 03-11T06:00 UTC 1 1',
    'daily 03-12T06:00 UTC 1 1',
    'daily 03-13T06:00 UTC 2 2',
    'daily 03-14T06:00 UTC 2 2',
  ])
})

test('messages that no digest would list are not counted', async () => {
  const { schedule, held, days, storage } = await world()
  await schedule('daily', { crons: ['0 6 * * *'] })
  await held('alice@example.com', 3)
  await days(1)
  await storage.sql.updateTable('msgrcpt').set({ rs: 'R' }).execute()
  await held('alice@example.com', 1, { receivedAt: NOW })
  expect(await days(1)).toEqual(['daily 03-11T06:00 UTC 1 1'])
})

test('a reader who would be told that nothing was held is counted, once', async () => {
  const { schedule, held, prefer, days } = await world()
  await schedule('daily', { crons: ['0 6 * * *'], sendsEmpty: true })
  await schedule('weekly', { crons: ['0 7 * * 3'] })
  await held('alice@example.com', 2)
  for (const reader of ['alice@example.com', 'bob@example.com', 'carol@example.org']) {
    await prefer(reader, { language: 'de' })
  }
  await prefer('dave@example.com', { schedules: '["weekly"]' })
  await prefer('eve@example.com', { enabled: 0 })
  await prefer('finn@example.com', { paused_until: NOW + 90 * DAY })
  expect(await days(1)).toEqual(['daily 03-11T06:00 UTC 3 2', 'weekly 03-11T07:00 UTC 0 0'])
  expect((await days(1, ['example.org']))[0]).toBe('daily 03-11T06:00 UTC 1 0')
})

test('an admin of a domain sees the figures of its readers only', async () => {
  const { schedule, held, days } = await world()
  await schedule('daily', { crons: ['0 6 * * *'] })
  await held('alice@example.com', 2)
  await held('bob@example.org', 3)
  await held('eve@sub.example.com', 4)
  expect(await days(1, ['example.com'])).toEqual(['daily 03-11T06:00 UTC 1 2'])
  expect(await days(1, [])).toEqual(['daily 03-11T06:00 UTC 0 0'])
})

test('an admin of a domain sees no time zone that only readers of other domains have', async () => {
  const { schedule, prefer, days } = await world()
  await schedule('mornings', { crons: ['0 7 * * *'], timeZone: 'reader' })
  await prefer('@', { time_zone: 'Europe/Paris' })
  await prefer('@example.com', { time_zone: 'Asia/Tokyo' })
  await prefer('@sub.example.com', { time_zone: 'Asia/Kolkata' })
  await prefer('bob@example.org', { time_zone: 'America/Lima' })
  expect(await days(1, ['example.com'])).toEqual([
    'mornings 03-11T06:00 Europe/Paris 0 0',
    'mornings 03-11T07:00 UTC 0 0',
    'mornings 03-11T22:00 Asia/Tokyo 0 0',
  ])
  expect(await days(1)).toHaveLength(5)
})

test('readers beyond one batch are all counted, and their mail is read once', async () => {
  const { schedule, storage, days, statements } = await world()
  await schedule('hourly', { crons: ['0 * * * *'] })
  const readers = Array.from({ length: 1100 }, (_, index) => `r${index}@example.com`)
  await hold(storage, ...readers.map(recipient => ({ recipient, receivedAt: NOW - HOUR })))
  await days(1)
  statements.length = 0
  expect((await days(31)).at(-1)).toMatch(/^hourly 0.-..T..:00 UTC 1100 1100$/)
  const read = statements.filter(sql => sql.includes('"digest_item"') && sql.includes('"reader" in'))
  expect(read).toHaveLength(3)
})

test('the calendar of a schedule for every minute is cut off', async () => {
  const { schedule, deps } = await world()
  await schedule('minutes', { crons: ['* * * * *'] })
  const runs = await calendar(deps, undefined, 31)
  expect(runs).toHaveLength(MOST_RUNS)
  expect(runs.at(-1)?.at).toBe(NOW + MOST_RUNS * MINUTE)
})

test('a schedule whose times cannot be read does not remove others from the calendar', async () => {
  const { schedule, days, state } = await world()
  await schedule('daily', { crons: ['0 6 * * *'] })
  await schedule('odd', { crons: ['0 6 * * *'] })
  await state.sql.updateTable('digest_schedule').set({ crons: 'soon' }).where('name', '=', 'odd').execute()
  expect(await days(1)).toEqual(['daily 03-11T06:00 UTC 0 0'])
})

test.each([0, 32, -1, 1.5, Number.NaN])('a calendar of %s days is refused', async days => {
  const { deps } = await world()
  await expect(calendar(deps, undefined, days)).rejects.toMatchObject({ code: 'USAGE' })
})
