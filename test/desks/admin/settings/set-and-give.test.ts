import { expect, test } from 'vitest'
import { setSettings } from '../../../../src/desks/admin/settings/change-settings.ts'
import { findSettings } from '../../../../src/desks/admin/settings/list-settings.ts'
import { type ScheduleAssignment, setAndGive } from '../../../../src/desks/admin/settings/set-and-give.ts'
import type { ScheduleChange } from '../../../../src/rules/schedule/schedule-change.ts'
import { listSchedules, seedSchedules } from '../../../../src/work/schedules/schedules.ts'
import { NOW } from '../../../embedded/clock.ts'
import { editorFor, ROOT } from '../../../embedded/editors.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { embeddedProgram } from '../../../embedded/program.ts'

const OFFICE = ['0 7,15 * * 1-5']

async function office(timezone = 'Asia/Tokyo') {
  const program = await embeddedProgram()
  const { state, deps } = program
  await seedSchedules(state, [{ name: 'office', cron: OFFICE, timezone, default: true }], NOW)
  return {
    ...program,
    give: (...scopes: readonly string[]) => setAndGive(deps, ROOT, 'office', {}, { scopes }),
    make: (change: ScheduleChange, assignment: ScheduleAssignment) =>
      setAndGive(deps, ROOT, 'early', change, assignment),
    set: (scope: string, change: Parameters<typeof setSettings>[3]) => setSettings(deps, ROOT, scope, change),
    find: (scope: string) => findSettings(deps, undefined, scope),
    names: async () => (await listSchedules(state)).map(({ name }) => name),
  }
}

test('a domain without a time zone gets that of the schedule', async () => {
  const { give, find } = await office('Asia/Tokyo')
  await give('@example.com')
  expect(await find('@example.com')).toMatchObject({ schedules: ['office'], timeZone: 'Asia/Tokyo' })
})

test('a time zone that is set stays', async () => {
  const { set, give, find } = await office('Asia/Tokyo')
  await set('@example.com', { timeZone: 'Europe/Paris' })
  await give('@example.com')
  expect(await find('@example.com')).toMatchObject({ schedules: ['office'], timeZone: 'Europe/Paris' })
})

test('a time zone that is set for the reader’s domain, or for everybody, stays', async () => {
  const { set, give, find } = await office('Asia/Tokyo')
  await set('@example.com', { timeZone: 'America/Chicago' })
  await give('alice@example.com')
  expect(await find('alice@example.com')).toMatchObject({ schedules: ['office'], timeZone: null })
  await set('@', { timeZone: 'Europe/Paris' })
  await give('@example.org')
  expect(await find('@example.org')).toMatchObject({ schedules: ['office'], timeZone: null })
})

test('a schedule by each reader’s own time zone sets none', async () => {
  const { give, find } = await office('reader')
  await give('@example.com')
  expect(await find('@example.com')).toMatchObject({ schedules: ['office'], timeZone: null })
})

test('a schedule is made and given to several scopes, whose other settings stay', async () => {
  const { set, make, find } = await office()
  await set('alice@example.com', { language: 'de', schedules: ['office'] })
  const scopes = ['@Example.org', 'alice@example.com', '@example.org']
  const done = await make({ crons: ['0 5 * * *'], timeZone: 'UTC' }, { scopes })
  expect(done).toMatchObject({ created: true, schedule: { name: 'early', crons: ['0 5 * * *'] } })
  expect(done.given.map(({ settings }) => settings)).toEqual([
    await find('@example.org'),
    await find('alice@example.com'),
  ])
  expect(await find('alice@example.com')).toMatchObject({
    language: 'de',
    schedules: ['early'],
    timeZone: 'UTC',
  })
})

test.each([
  ['a scope that cannot have settings', { crons: OFFICE }, ['@example.com', 'x@a..b'], 'SETTING_INVALID'],
  ['an invalid schedule', { crons: ['0 7 * *'] }, ['@example.com'], 'SCHEDULE_INVALID'],
  ['a new schedule without times', {}, ['@example.com'], 'SCHEDULE_INVALID'],
] as const)('with %s, nothing is changed for anybody', async (_, change, scopes, code) => {
  const { make, names, rows } = await office()
  await expect(make(change, { scopes })).rejects.toMatchObject({ code })
  expect(await names()).toEqual(['office'])
  expect(await rows('digest_preference')).toEqual([])
  expect(await rows('digest_audit')).toEqual([])
})

test('scopes that would lose other schedules are named, and nothing changes until they have been seen', async () => {
  const { make, find, set, names } = await office()
  await set('alice@example.com', { schedules: ['office'] })
  const { settings } = await set('@example.org', { schedules: ['office'], language: 'de' })
  const scopes = ['@example.com', 'alice@example.com', '@example.org']
  const unseen = make({ crons: OFFICE }, { scopes, seen: new Map([['@example.org', settings.version]]) })
  await expect(unseen).rejects.toMatchObject({
    code: 'EDIT_CONFLICT',
    message: expect.stringContaining('alice@example.com (office)'),
    losers: [
      expect.objectContaining({ scope: 'alice@example.com', schedules: ['office'] }),
      expect.objectContaining({ scope: '@example.org', schedules: ['office'] }),
    ],
  })
  expect(await names()).toEqual(['office'])
  expect(await find('@example.com')).toBeUndefined()
  expect(await find('@example.org')).toEqual(settings)
  const seen = new Map([
    ['@example.org', settings.version],
    ['alice@example.com', (await find('alice@example.com'))?.version ?? 0],
  ])
  await set('@example.org', { language: 'en' })
  await expect(make({ crons: OFFICE }, { scopes, seen })).rejects.toMatchObject({
    losers: [
      expect.objectContaining({ scope: 'alice@example.com' }),
      expect.objectContaining({ scope: '@example.org' }),
    ],
  })
  await make({ crons: OFFICE }, { scopes })
  for (const scope of scopes) expect(await find(scope)).toMatchObject({ schedules: ['early'] })
})

test('when somebody else has changed the schedule, it is given to nobody', async () => {
  const { make, deps, find, set } = await office()
  const { schedule } = await make({ crons: OFFICE }, { scopes: [] })
  await setAndGive(deps, editorFor(undefined, 'eve'), 'early', { minMessages: 4 }, { scopes: [] })
  await set('@example.com', { language: 'de' })
  const before = await find('@example.com')
  const late = make({ minMessages: 9 }, { scopes: ['@example.com'], expected: schedule.version })
  await expect(late).rejects.toThrow('The schedule early was changed meanwhile by eve')
  expect(await find('@example.com')).toEqual(before)
})

test('the same request sent twice is carried out once', async () => {
  const { make, rows } = await office()
  const ask = () => make({ crons: OFFICE }, { scopes: ['@example.com'], seen: new Map(), expected: 0 })
  const [first, second] = await Promise.all([ask(), ask()])
  expect(second).toMatchObject({ created: false, schedule: first.schedule, given: first.given })
  expect((await rows('digest_audit')).map(({ action }) => action)).toEqual(['schedule-set', 'settings-set'])
})

test('of two admins who give a domain a schedule at the same time, the second learns what the first did', async () => {
  const { deps, find } = await office()
  const give = (name: string) =>
    setAndGive(
      deps,
      editorFor(undefined, name),
      name,
      { crons: OFFICE },
      { scopes: ['@example.com'], seen: new Map() },
    )
  const results = await Promise.allSettled([give('one'), give('two')])
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  const [winner] = (await find('@example.com'))?.schedules ?? []
  const refused = results.find(result => result.status === 'rejected')
  expect(refused?.reason).toMatchObject({ losers: [expect.objectContaining({ schedules: [winner] })] })
  expect((await listSchedules(deps.state)).map(({ name }) => name)).toEqual(['office', winner].sort())
})

test('only admins of all domains may do this', async () => {
  const { deps, rows, state } = await office()
  await prefer(state, '@example.com', { language: 'de' })
  const before = await rows('digest_preference')
  const assignment = { scopes: ['@example.com'] }
  const refused = setAndGive(deps, editorFor(['example.com']), 'early', { crons: OFFICE }, assignment)
  await expect(refused).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
  expect(await rows('digest_preference')).toEqual(before)
})
