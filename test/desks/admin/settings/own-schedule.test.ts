import { expect, test } from 'vitest'
import { findSettings } from '../../../../src/desks/admin/settings/list-settings.ts'
import { ownScheduleName, setOwnSchedule } from '../../../../src/desks/admin/settings/own-schedule.ts'
import { listSchedules, seedSchedules } from '../../../../src/work/schedules/schedules.ts'
import { NOW } from '../../../embedded/clock.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { embeddedProgram } from '../../../embedded/program.ts'

const root = { actor: { kind: 'admin', name: 'root', remoteAddress: null }, reach: undefined } as const
const OFFICE = ['0 7,15 * * 1-5']

async function scheduled() {
  const program = await embeddedProgram()
  const daily = { name: 'daily', cron: ['0 6 * * *'], timezone: 'Europe/Paris', default: true }
  await seedSchedules(program.state, [daily], NOW)
  const { deps } = program
  return {
    ...program,
    give: (scope: string, change: Partial<Parameters<typeof setOwnSchedule>[3]> = {}) =>
      setOwnSchedule(deps, root, scope, { crons: OFFICE, settings: {}, ...change }),
    find: (scope: string) => findSettings(deps, undefined, scope),
    names: async () => (await listSchedules(program.state)).map(({ name }) => name),
  }
}

test('a domain moves to weekdays at 7 and 15 in its own time zone in one step', async () => {
  const { give, find, state } = await scheduled()
  const settings = { timeZone: 'Europe/Berlin', language: 'de' }
  const given = await give('@Example.com', { timeZone: 'Europe/Berlin', settings })
  expect(given).toMatchObject({ created: true, warnings: [] })
  expect((await listSchedules(state)).find(({ name }) => name === 'example-com')).toMatchObject({
    crons: OFFICE,
    timeZone: 'Europe/Berlin',
    enabled: true,
    isDefault: false,
    isOffered: false,
  })
  expect(await find('@example.com')).toMatchObject({ schedules: ['example-com'], ...settings })
})

test('without a time zone each reader’s own counts, and a second change keeps what it does not name', async () => {
  const { give } = await scheduled()
  expect((await give('@example.com')).schedule).toMatchObject({ timeZone: 'reader' })
  await give('@example.com', { timeZone: 'Asia/Tokyo' })
  const again = await give('@example.com', { crons: ['0 8 * * *'] })
  expect(again).toMatchObject({ created: false, schedule: { crons: ['0 8 * * *'], timeZone: 'Asia/Tokyo' } })
})

test('a scope may have other schedules besides its own', async () => {
  const { give, find } = await scheduled()
  await give('alice@example.com', { settings: { schedules: ['daily'] } })
  expect(await find('alice@example.com')).toMatchObject({ schedules: ['alice-example-com', 'daily'] })
})

test.each([
  ['an unknown time zone', { timeZone: 'Mars/X', settings: { timeZone: 'Mars/X' } }, 'SETTING_INVALID'],
  ['a fault in another setting', { settings: { language: 'tlh' } }, 'SETTING_INVALID'],
  ['an invalid cron expression', { crons: ['0 7 * *'] }, 'SCHEDULE_INVALID'],
])('with %s, nothing is made', async (_, change, code) => {
  const { give, names, rows } = await scheduled()
  await expect(give('@example.com', change)).rejects.toMatchObject({ code })
  expect(await names()).toEqual(['daily'])
  expect(await rows('digest_preference')).toEqual([])
})

test.each(['x@a..b', 'x@1.2.3.4', 'al\u200Bice@example.com'])(
  'nothing is made for a scope that cannot have settings: %j',
  async scope => {
    const { give, names } = await scheduled()
    await expect(give(scope)).rejects.toMatchObject({ code: 'SETTING_INVALID' })
    expect(await names()).toEqual(['daily'])
  },
)

test('locks are added to those that already hold', async () => {
  const { give, find, state } = await scheduled()
  await prefer(state, '@example.com', { locked: '["language"]' })
  await give('alice@example.com', { settings: { lock: ['pause'] } })
  expect(await find('alice@example.com')).toMatchObject({ locked: ['language', 'pause'] })
})

test('when the settings cannot be written, the schedule is not made either', async () => {
  const { deps, names, rows } = await scheduled()
  const locales = {
    get languages(): string[] {
      if (++asked > 1) throw new Error('broken off')
      return ['en']
    },
  }
  let asked = 0
  const change = { crons: OFFICE, settings: { language: 'en' } }
  await expect(setOwnSchedule({ ...deps, locales }, root, '@example.com', change)).rejects.toThrow(
    'broken off',
  )
  expect(await names()).toEqual(['daily'])
  expect(await rows('digest_audit')).toEqual([])
})

test('those whose digests go elsewhere are told after everything is written', async () => {
  const { deps, find } = await scheduled()
  const told: unknown[] = []
  const onDestinationChanged: typeof deps.onDestinationChanged = async (_by, changes) => {
    told.push(changes, (await find('alice@example.com'))?.schedules)
  }
  const change = { crons: OFFICE, settings: { deliverTo: 'bob@example.net' } }
  await setOwnSchedule({ ...deps, onDestinationChanged }, root, 'alice@example.com', change)
  const move = { scope: 'alice@example.com', from: undefined, to: 'bob@example.net' }
  expect(told).toEqual([[move], ['alice-example-com']])
})

test('a schedule of the same name that others use is not changed', async () => {
  const { give, state } = await scheduled()
  await give('@a.b.example')
  const refused = give('@a-b.example', { crons: ['0 9 * * *'] })
  await expect(refused).rejects.toMatchObject({ code: 'SCHEDULE_IN_USE' })
  await expect(refused).rejects.toThrow(
    'a-b-example exists, and not only for @a-b.example: it is used by 1 domain',
  )
  await give('@c.example')
  await prefer(state, 'x@d.example', { schedules: '["c-example"]' })
  await expect(give('@c.example')).rejects.toMatchObject({ code: 'SCHEDULE_IN_USE' })
  expect((await listSchedules(state)).map(({ crons }) => crons)).toEqual([OFFICE, OFFICE, ['0 6 * * *']])
})

test('a schedule of the same name that nobody uses is taken over', async () => {
  const { give, state } = await scheduled()
  await give('@example.com')
  await state.sql.deleteFrom('digest_preference').execute()
  expect(await give('@example.com', { crons: ['0 9 * * *'] })).toMatchObject({ created: false })
})

test('every scope gives a valid name for its schedule', () => {
  expect(ownScheduleName('@')).toBe('everybody')
  expect(ownScheduleName('@xn--bcher-kva.example')).toBe('xn-bcher-kva-example')
  expect(ownScheduleName('"é"@[192.0.2.1]')).toBe('192-0-2-1')
  expect(ownScheduleName(`${'a'.repeat(63)}.x@example.com`)).toBe('a'.repeat(63))
})
