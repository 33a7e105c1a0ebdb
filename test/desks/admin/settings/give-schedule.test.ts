import { expect, test } from 'vitest'
import { setSettings } from '../../../../src/desks/admin/settings/change-settings.ts'
import { giveSchedule } from '../../../../src/desks/admin/settings/give-schedule.ts'
import { findSettings } from '../../../../src/desks/admin/settings/list-settings.ts'
import { seedSchedules } from '../../../../src/work/schedules/schedules.ts'
import { NOW } from '../../../embedded/clock.ts'
import { embeddedProgram } from '../../../embedded/program.ts'

const root = { actor: { kind: 'admin', name: 'root', remoteAddress: null }, reach: undefined } as const

async function office(timezone: string) {
  const { state, deps } = await embeddedProgram()
  await seedSchedules(state, [{ name: 'office', cron: ['0 7,15 * * 1-5'], timezone, default: true }], NOW)
  return {
    deps,
    give: (scope: string, name = 'office') => giveSchedule(deps, root, name, scope),
    find: (scope: string) => findSettings(deps, undefined, scope),
  }
}

test('a domain for which no time zone is set gets that of the schedule', async () => {
  const { give, find } = await office('Asia/Tokyo')
  await give('@example.com')
  expect(await find('@example.com')).toMatchObject({ schedules: ['office'], timeZone: 'Asia/Tokyo' })
})

test('a time zone that is set stays', async () => {
  const { deps, give, find } = await office('Asia/Tokyo')
  await setSettings(deps, root, '@example.com', { timeZone: 'Europe/Paris' })
  await give('@example.com')
  expect(await find('@example.com')).toMatchObject({ schedules: ['office'], timeZone: 'Europe/Paris' })
})

test('so does one that is set for the reader’s domain, or for everybody', async () => {
  const { deps, give, find } = await office('Asia/Tokyo')
  await setSettings(deps, root, '@example.com', { timeZone: 'America/Chicago' })
  await give('alice@example.com')
  expect(await find('alice@example.com')).toMatchObject({ schedules: ['office'], timeZone: null })
  await setSettings(deps, root, '@', { timeZone: 'Europe/Paris' })
  await give('@example.org')
  expect(await find('@example.org')).toMatchObject({ schedules: ['office'], timeZone: null })
})

test('a schedule in each reader’s own time zone sets none', async () => {
  const { give, find } = await office('reader')
  await give('@example.com')
  expect(await find('@example.com')).toMatchObject({ schedules: ['office'], timeZone: null })
})

test('what cannot be given is told with what stands, and changes nothing', async () => {
  const { give, find } = await office('Asia/Tokyo')
  await expect(give('@example.com', 'another')).rejects.toMatchObject({
    code: 'SETTING_INVALID',
    message: expect.stringContaining('not for @example.com'),
  })
  expect(await find('@example.com')).toBeUndefined()
})
