import { expect, test } from 'vitest'
import { removeSchedule, setSchedule } from '../../../../src/desks/admin/schedules/change-schedules.ts'
import { HOUR, MINUTE } from '../../../../src/ground/durations.ts'
import type { Reach } from '../../../../src/rules/reach/reach.ts'
import type { ScheduleChange } from '../../../../src/rules/schedule/schedule-change.ts'
import { listSchedules, seedSchedules } from '../../../../src/work/schedules/schedules.ts'
import { scheduleChangesContract } from '../../../contracts/schedule-changes.ts'
import { NOW } from '../../../embedded/clock.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { SQLITE_STATE } from '../../../ground/state/sqlite-state.ts'

scheduleChangesContract(SQLITE_STATE)

const DAILY = { name: 'daily', cron: ['0 6 * * *'], timezone: 'Europe/Paris', default: true }

async function scheduled() {
  const program = await embeddedProgram()
  const { deps, state, time } = program
  await seedSchedules(state, [DAILY], NOW)
  const by = (name: string, reach?: Reach) =>
    ({ actor: { kind: 'admin', name, remoteAddress: '192.0.2.1' }, reach }) as const
  return {
    ...program,
    by,
    set: (name: string, change: ScheduleChange, expected?: number) =>
      setSchedule(deps, by('root'), name, change, { expected }),
    remove: (name: string, options: Partial<Parameters<typeof removeSchedule>[3]> = {}) =>
      removeSchedule(deps, by('root'), name, { evenIfUsed: false, ...options }),
    find: async (name: string) => (await listSchedules(state)).find(schedule => schedule.name === name),
    later: () => {
      time.now += HOUR
      return time.now
    },
  }
}

test('a new schedule is on, is not offered to readers, and has the time zone of the default one', async () => {
  const { set } = await scheduled()
  const { schedule, created, warnings } = await set('weekly', { crons: ['0 6 * * 1'] })
  expect({ created, warnings }).toEqual({ created: true, warnings: [] })
  expect(schedule).toMatchObject({
    name: 'weekly',
    crons: ['0 6 * * 1'],
    timeZone: 'Europe/Paris',
    isDefault: false,
    enabled: true,
    filter: undefined,
    minMessages: 1,
    sendsEmpty: false,
    spread: 0,
    isOffered: false,
  })
})

test('the very first schedule is the default', async () => {
  const { deps, state } = await embeddedProgram()
  const root = { actor: { kind: 'admin', name: 'root', remoteAddress: null }, reach: undefined } as const
  const { schedule } = await setSchedule(deps, root, 'first', { crons: ['0 6 * * *'] })
  expect(schedule).toMatchObject({ isDefault: true, timeZone: 'UTC' })
  expect(await listSchedules(state)).toEqual([schedule])
})

test('only what is named changes, and the audit has the old and the new values', async () => {
  const { set, rows } = await scheduled()
  await set('daily', { filter: { kinds: ['spam'] }, minMessages: 2 })
  const { schedule, created } = await set('daily', { crons: ['30 7 * * *'], filter: null, spread: undefined })
  expect(created).toBe(false)
  expect(schedule).toMatchObject({ timeZone: 'Europe/Paris', minMessages: 2, filter: undefined, version: 3 })
  const details = (await rows('digest_audit')).map(row => row.detail)
  expect(details).toEqual([
    'daily: carries all → spam; minimum 1 → 2',
    'daily: cron 0 6 * * * → 30 7 * * *; carries spam → all',
  ])
})

test('a change without effect leaves the version and the audit alone', async () => {
  const { set, rows } = await scheduled()
  const { schedule } = await set('daily', { crons: ['0 6 * * *'], enabled: true })
  expect(schedule.version).toBe(1)
  expect((await set('daily', {})).schedule).toEqual(schedule)
  expect(await rows('digest_audit')).toEqual([])
})

test('only a change of its timing moves the moment from which its times count', async () => {
  const { set, later } = await scheduled()
  later()
  const others = { minMessages: 2, isOffered: true, sendsEmpty: true, spread: MINUTE }
  expect((await set('daily', { ...others, filter: { kinds: ['spam'] } })).schedule.updatedAt).toBe(NOW)
  const changes = [
    { crons: ['0 7 * * *'] },
    { timeZone: 'UTC' },
    { enabled: false },
    { enabled: true },
  ] as const
  for (const change of changes) {
    const now = later()
    expect((await set('daily', change)).schedule.updatedAt).toBe(now)
  }
})

test('extra white space in an expression is reduced to single spaces, and is no change', async () => {
  const { set } = await scheduled()
  expect((await set('daily', { crons: [' 0\t6 * *  *\n'] })).schedule).toMatchObject({
    crons: ['0 6 * * *'],
    version: 1,
  })
})

test('a new default replaces the old one, and whoever edits the old one then gets a conflict', async () => {
  const { set, find, remove, rows } = await scheduled()
  await set('weekly', { crons: ['0 6 * * 1'], isDefault: true })
  expect(await find('daily')).toMatchObject({ isDefault: false, version: 2 })
  await expect(set('daily', { minMessages: 5 }, 1)).rejects.toMatchObject({
    code: 'EDIT_CONFLICT',
    message: expect.stringContaining(`by root at ${new Date(NOW).toISOString()}`),
  })
  const row = { actor: 'root', action: 'schedule-set', outcome: 'changed', detail: 'daily: default yes → no' }
  expect(await rows('digest_audit')).toContainEqual(expect.objectContaining(row))
  expect(await remove('daily')).toEqual({ fallenBack: 0, warnings: [] })
})

test('the default schedule cannot be removed, and the reason says what to do', async () => {
  const { remove, find } = await scheduled()
  await expect(remove('daily', { evenIfUsed: true })).rejects.toMatchObject({
    code: 'SCHEDULE_INVALID',
    message: expect.stringContaining('make another one the default first'),
  })
  expect(await find('daily')).toBeDefined()
})

test('the default schedule stays the default until another one takes its place', async () => {
  const { set, find } = await scheduled()
  await expect(set('daily', { isDefault: false, minMessages: 4 })).rejects.toMatchObject({
    code: 'SCHEDULE_INVALID',
    message: 'daily is the default schedule. Make another one the default instead.',
  })
  expect(await find('daily')).toMatchObject({ isDefault: true, minMessages: 1 })
  const { schedule } = await set('weekly', { crons: ['0 6 * * 1'], isDefault: false })
  expect(schedule.isDefault).toBe(false)
})

test('a change of a schedule that must exist makes none', async () => {
  const { deps, by, rows } = await scheduled()
  const change = { crons: ['0 6 * * 1'] }
  const changing = setSchedule(deps, by('root'), 'weekly', change, { mustExist: true })
  await expect(changing).rejects.toMatchObject({ code: 'SCHEDULE_UNKNOWN' })
  expect(await rows('digest_schedule')).toHaveLength(1)
})

test('a change based on an outdated version is refused, with who changed the schedule and when', async () => {
  const { set, remove, find, later, deps, by } = await scheduled()
  later()
  await setSchedule(deps, by('eve@example.com'), 'daily', { minMessages: 4 })
  const message =
    /^The schedule daily was changed meanwhile by eve@example\.com at 2026-03-11T06:00:00\.000Z\. Nothing/
  await expect(set('daily', { minMessages: 9 }, 1)).rejects.toThrow(message)
  await expect(remove('daily', { expected: 1, evenIfUsed: true })).rejects.toThrow(message)
  expect(await find('daily')).toMatchObject({ minMessages: 4, version: 2 })
  await expect(set('daily', { crons: ['0 1 * * *'] }, 0)).rejects.toThrow(/was made meanwhile/)
  await expect(set('gone', { crons: ['0 1 * * *'] }, 7)).rejects.toThrow(
    /^The schedule gone was removed mean/,
  )
})

test('a conflict tells when it is only the same change sent twice by the same person', async () => {
  const { set, deps, by } = await scheduled()
  const change = { crons: ['0\t7 * *  *'], timeZone: 'utc', filter: { kinds: ['spam'] } } as const
  const { schedule } = await set('weekly', change, 0)
  await expect(set('weekly', change, 0)).rejects.toMatchObject({ code: 'EDIT_CONFLICT', done: schedule })
  const others = [set('weekly', { ...change, minMessages: 2 }, 0), set('weekly', { isDefault: true }, 0)]
  for (const other of others) await expect(other).rejects.toMatchObject({ done: undefined })
  const byAnother = setSchedule(deps, by('eve@example.com'), 'weekly', change, { expected: 0 })
  await expect(byAnother).rejects.toMatchObject({ done: undefined })
  await expect(set('gone', change, 7)).rejects.toMatchObject({ done: undefined })
})

test('changing one part of a filter keeps its other parts', async () => {
  const { set } = await scheduled()
  await Promise.all([
    set('daily', { filterParts: { kinds: ['spam', 'banned'] } }),
    set('daily', { filterParts: { minScore: 5 } }),
  ])
  const { schedule } = await set('daily', { filterParts: { maxScore: 12 } })
  expect(schedule.filter).toEqual({ kinds: ['spam', 'banned'], minScore: 5, maxScore: 12 })
  await expect(set('daily', { filterParts: { maxScore: 4 } })).rejects.toMatchObject({
    code: 'SCHEDULE_INVALID',
    message: expect.stringContaining('the lower score to be below the upper one'),
  })
  const parts = { kinds: undefined, minScore: undefined, maxScore: undefined }
  expect((await set('daily', { filterParts: parts })).schedule.filter).toBeUndefined()
})

test('a schedule that was removed and made again does not have its old version', async () => {
  const { set, remove, later } = await scheduled()
  const { schedule } = await set('weekly', { crons: ['0 6 * * 1'] }, 0)
  await remove('weekly', { expected: schedule.version })
  later()
  await set('weekly', { crons: ['0 6 * * 2'] }, 0)
  await expect(set('weekly', { minMessages: 2 }, schedule.version)).rejects.toMatchObject({
    code: 'EDIT_CONFLICT',
  })
})

test('a faulty change changes nothing and lists all faults, and a new schedule needs a cron expression', async () => {
  const { set, rows } = await scheduled()
  const before = await rows('digest_schedule')
  await expect(set('daily', { crons: ['@daily'], timeZone: 'Mars/Phobos' })).rejects.toMatchObject({
    code: 'SCHEDULE_INVALID',
    message: expect.stringMatching(/cron "@daily": .*\ntime zone "Mars\/Phobos": /),
  })
  await expect(set('weekly', { timeZone: 'UTC' })).rejects.toMatchObject({ code: 'SCHEDULE_INVALID' })
  await expect(set('-', { crons: ['0 6 * * *'] })).rejects.toMatchObject({ code: 'SCHEDULE_INVALID' })
  expect(await rows('digest_schedule')).toEqual(before)
  expect(await rows('digest_audit')).toEqual([])
})

test('only admins of all domains may change schedules', async () => {
  const { deps, by, rows } = await scheduled()
  const before = await rows('digest_schedule')
  const domainAdmin = by('dora@example.com', ['example.com'])
  await expect(setSchedule(deps, domainAdmin, 'daily', { enabled: false })).rejects.toMatchObject({
    code: 'OUT_OF_REACH',
  })
  const removing = removeSchedule(deps, domainAdmin, 'daily', { evenIfUsed: true })
  await expect(removing).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
  expect(await rows('digest_schedule')).toEqual(before)
})

test('removing an unknown schedule fails and names those that exist', async () => {
  const { remove } = await scheduled()
  await expect(remove('dialy\u202e')).rejects.toMatchObject({
    code: 'SCHEDULE_UNKNOWN',
    message: 'There is no schedule dialy. There are: daily.',
  })
})

test.each([
  [['*/4 * * * *'], true],
  [['*/5 * * * *'], false],
  [['0 6 * * *', '3 6 * * *'], true],
  [['0 6 * * *', '3 6 1 1 *'], true],
  [['0 6 * * *', '5 18 * * *'], false],
  [['58 23 * * *', '1 0 * * *'], true],
])('%j: more often than every five minutes, %s', async (crons, often) => {
  const { set } = await scheduled()
  const { warnings } = await set('often', { crons })
  expect(warnings).toEqual(often ? [expect.stringContaining('more often than every 5 minutes')] : [])
})

test('a schedule that fires less often than mail expires is set with a warning, unless it is off', async () => {
  const { set } = await scheduled()
  const warning = [expect.stringContaining('less often than mail expires (after 30d, purge.olderThan)')]
  expect((await set('monthly', { crons: ['0 6 1 * *'] })).warnings).toEqual(warning)
  expect((await set('monthly', { crons: ['0 6 29 2 *'], timeZone: 'reader' })).warnings).toEqual(warning)
  expect((await set('monthly', { enabled: false })).warnings).toEqual([])
  expect((await set('monthly', { enabled: true, crons: ['0 6 1,15 * *'] })).warnings).toEqual([])
})

test('switching off the default schedule, or one that is in use, gives a warning', async () => {
  const { set, state } = await scheduled()
  await set('weekly', { crons: ['0 6 * * 1'] })
  expect((await set('weekly', { enabled: false })).warnings).toEqual([])
  await prefer(state, '@example.com', { schedules: '["weekly"]' })
  expect((await set('weekly', { minMessages: 2 })).warnings).toEqual([
    expect.stringMatching(/^It is off, and used by 1 domain: /),
  ])
  expect((await set('daily', { enabled: false })).warnings).toEqual([
    expect.stringMatching(/^It is the default and off/),
  ])
})

test('a filter that leaves out mail gives a warning, unless another schedule carries the rest', async () => {
  const { set, state } = await scheduled()
  const obvious = { crons: ['0 6 * * *'], filter: { minScore: 10 } }
  const borderline = { crons: ['0 */2 * * *'], filter: { maxScore: 10 } }
  expect((await set('obvious', obvious)).warnings).toEqual([])
  await set('borderline', borderline)
  await prefer(state, 'alice@example.com', { schedules: '["borderline","obvious"]' })
  expect((await set('obvious', { spread: MINUTE })).warnings).toEqual([])
  expect((await set('obvious', { filter: { minScore: 12 } })).warnings).toEqual([
    expect.stringContaining('name no schedule for the rest: borderline + obvious.'),
  ])
  expect((await set('daily', { filter: { kinds: ['spam', 'banned'] } })).warnings).toEqual([
    expect.stringMatching(/^It is the default and carries only part .* badHeader, /),
  ])
})

test('removing or switching off a schedule warns of mail that is then never listed', async () => {
  const { set, remove, state } = await scheduled()
  await set('obvious', { crons: ['0 6 * * *'], filter: { minScore: 10 } })
  await set('border', { crons: ['0 */2 * * *'], filter: { maxScore: 10 } })
  await prefer(state, 'alice@example.com', { schedules: '["border","obvious"]' })
  await prefer(state, 'bob@example.com', { schedules: '["obvious"]' })
  const left = expect.stringContaining('are left with border, which leaves out part of the mail')
  const { warnings } = await set('obvious', { enabled: false })
  expect(warnings).toEqual([expect.stringMatching(/^It is off, and used by 2 readers/), left])
  await expect(remove('obvious')).rejects.toMatchObject({ code: 'SCHEDULE_IN_USE', message: left })
  expect(await remove('obvious', { evenIfUsed: true })).toEqual({ fallenBack: 2, warnings: [left] })
  await set('daily', { filter: { kinds: ['spam'] } })
  expect((await remove('border', { evenIfUsed: true })).warnings).toEqual([
    expect.stringContaining('are left with daily,'),
  ])
})

test('a schedule that was edited by hand and cannot be read can be switched off and corrected', async () => {
  const { set, state } = await scheduled()
  await set('odd', { crons: ['0 6 * * *'] })
  await state.sql
    .updateTable('digest_schedule')
    .set({ crons: 'every day' })
    .where('name', '=', 'odd')
    .execute()
  expect((await set('odd', { enabled: false })).warnings).toEqual([
    expect.stringMatching(/^Its times cannot be read/),
  ])
  expect((await set('odd', { crons: ['0 6 * * *'], enabled: true })).warnings).toEqual([])
})
