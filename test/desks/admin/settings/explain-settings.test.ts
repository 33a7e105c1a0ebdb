import { expect, test } from 'vitest'
import { setSchedule } from '../../../../src/desks/admin/schedules/change-schedules.ts'
import { explainSettings } from '../../../../src/desks/admin/settings/explain-settings.ts'
import { explanationText } from '../../../../src/doors/cli/recipients/recipients-text.ts'
import type { Directory } from '../../../../src/ground/directory/directory.ts'
import { DAY, HOUR } from '../../../../src/ground/durations.ts'
import { FOREVER, NOT_PAUSED } from '../../../../src/rules/settings/setting-fields.ts'
import { seedSchedules } from '../../../../src/work/schedules/schedules.ts'
import { NOW } from '../../../embedded/clock.ts'
import { DIRECTORY_AWAY, directoryWith, off } from '../../../embedded/directory.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { embeddedProgram } from '../../../embedded/program.ts'

const ALICE = 'alice@example.com'
const root = { actor: { kind: 'admin', name: 'root', remoteAddress: null }, reach: undefined } as const

/** At 05:00 UTC, with a default schedule at 06:30 in Paris and one at 08:00 in each reader's own time zone. */
async function scheduled() {
  const program = await embeddedProgram()
  const daily = { name: 'daily', cron: ['30 6 * * *'], timezone: 'Europe/Paris', default: true }
  await seedSchedules(program.state, [daily], NOW)
  await setSchedule(program.deps, root, 'own', { crons: ['0 8 * * *'], timeZone: 'reader' })
  await setSchedule(program.deps, root, 'off', { crons: ['0 8 * * *'], enabled: false })
  return { ...program, explain: (scope = ALICE) => explainSettings(program.deps, undefined, scope) }
}

test('for a reader without settings, every value is the default', async () => {
  const { explain } = await scheduled()
  const standard = { from: 'default', scope: undefined }
  expect(await explain('Alice@EXAMPLE.com')).toEqual({
    scope: ALICE,
    own: undefined,
    schedules: { ...standard, value: undefined },
    language: { ...standard, value: 'en' },
    timeZone: { ...standard, value: 'UTC' },
    deliverTo: { ...standard, value: undefined },
    pausedUntil: { ...standard, value: undefined },
    enabled: { ...standard, value: true },
    locked: { ...standard, value: ['deliverTo'] },
    phrase: { ...standard, value: '' },
    copyTo: { value: [], from: 'default', scope: undefined },
    leaveOutBlocked: { ...standard, value: false },
    held: [{ name: 'daily', enabled: true, next: NOW + HOUR / 2 }],
    missing: [],
    warnings: [],
    whyNone: undefined,
    isPaused: false,
    next: NOW + HOUR / 2,
  })
})

test.each([
  ['an alias', 'sales@example.com', 'its mail is read by bob@example.com, eve@example.org.'],
  ['a name that nobody has', 'nobody@example.com', 'its mail is read by nobody.'],
  ['a mailbox that is switched off', 'dora@example.com', 'dora@example.com is switched off'],
])('of %s is told that it gets no digests, instead of when', async (_, address, why) => {
  const { deps } = await scheduled()
  const explanation = await explainSettings({ ...deps, directory: OFFICE }, undefined, address)
  expect(explanation).toMatchObject({ whyNone: expect.stringContaining(why), next: undefined })
  expect(explanationText(explanation, NOW)).toContain(why)
  expect(explanationText(explanation, NOW)).not.toContain('igest is planned')
})

test('an admin of a domain is told of no reader in another one, and nothing while the directory is away', async () => {
  const { deps } = await scheduled()
  const within = (reach: readonly string[], directory: Directory = OFFICE) =>
    explainSettings({ ...deps, directory }, reach, 'sales@example.com')
  expect((await within(['example.com'])).whyNone).toMatch(/by bob@example\.com\.$/)
  const away = { find: () => Promise.reject(DIRECTORY_AWAY) }
  expect(await within(['example.com'], away)).toMatchObject({ whyNone: undefined, next: NOW + HOUR / 2 })
  const elsewhere = directoryWith({ 'sales@example.com': ['eve@example.org'] })
  expect((await within(['example.com'], elsewhere)).whyNone).toMatch(/by others\.$/)
})

const OFFICE = directoryWith({
  'sales@example.com': ['bob@example.com', 'eve@example.org'],
  'nobody@example.com': [],
  'dora@example.com': [off('dora@example.com')],
})

test('each value comes with the scope that sets it', async () => {
  const { state, explain } = await scheduled()
  await prefer(state, '@', { language: 'fr', time_zone: 'Asia/Tokyo', enabled: 0, locked: '["pause"]' })
  await prefer(state, '@example.com', { language: 'de', enabled: 1 })
  await prefer(state, ALICE, { deliver_to: 'bob@example.net', version: 7 })
  expect(await explain()).toMatchObject({
    own: { version: 7, deliverTo: 'bob@example.net' },
    language: { value: 'de', from: 'domain', scope: '@example.com' },
    timeZone: { value: 'Asia/Tokyo', from: 'everybody', scope: '@' },
    enabled: { value: true, from: 'domain', scope: '@example.com' },
    deliverTo: { value: 'bob@example.net', from: 'reader', scope: ALICE },
    locked: { value: ['pause'], from: 'everybody', scope: '@' },
  })
  expect(await explain('@example.com')).toMatchObject({
    scope: '@example.com',
    language: { value: 'de', from: 'domain' },
    deliverTo: { value: undefined, from: 'default' },
  })
  expect(await explain('@')).toMatchObject({ language: { value: 'fr', from: 'everybody' }, next: undefined })
})

test('the next time is in the reader’s own time zone, after any pause, and undefined while nothing can come', async () => {
  const { state, explain } = await scheduled()
  await prefer(state, ALICE, { schedules: '["own"]', time_zone: 'Asia/Tokyo' })
  expect(await explain()).toMatchObject({ next: NOW + 18 * HOUR })
  const pauses = { 'b@x.example': NOW + 2 * DAY, 'c@x.example': FOREVER, 'd@x.example': NOW - 1 }
  for (const [reader, until] of Object.entries(pauses)) await prefer(state, reader, { paused_until: until })
  expect(await explain('b@x.example')).toMatchObject({ isPaused: true, next: NOW + 2 * DAY + HOUR / 2 })
  expect(await explain('c@x.example')).toMatchObject({ isPaused: true, next: undefined })
  expect(await explain('d@x.example')).toMatchObject({ isPaused: false, next: NOW + HOUR / 2 })
  await prefer(state, 'e@x.example', { schedules: '["off"]' })
  const off = [{ name: 'off', enabled: false, next: undefined }]
  expect(await explain('e@x.example')).toMatchObject({ held: off, next: undefined })
})

test('a pause that has ended does not count: the domain’s pause holds, if there is one', async () => {
  const { state, explain } = await scheduled()
  await prefer(state, ALICE, { paused_until: NOW })
  const nobody = { value: undefined, from: 'default', scope: undefined }
  expect(await explain()).toMatchObject({ isPaused: false, pausedUntil: nobody })
  await prefer(state, '@example.com', { paused_until: FOREVER })
  const domain = { value: FOREVER, from: 'domain', scope: '@example.com' }
  expect(await explain()).toMatchObject({ isPaused: true, pausedUntil: domain, next: undefined })
  await prefer(state, 'carol@example.com', { paused_until: NOW + DAY })
  const carol = { value: NOW + DAY, from: 'reader', scope: 'carol@example.com' }
  expect(await explain('carol@example.com')).toMatchObject({
    isPaused: true,
    pausedUntil: carol,
    next: undefined,
  })
  await prefer(state, 'bob@example.com', { paused_until: NOT_PAUSED })
  const own = { value: NOT_PAUSED, from: 'reader', scope: 'bob@example.com' }
  expect(await explain('bob@example.com')).toMatchObject({ isPaused: false, pausedUntil: own })
})

test('a destination that is the reader’s own address counts as set by the reader', async () => {
  const { state, explain } = await scheduled()
  await prefer(state, '@example.com', { deliver_to: 'archive@example.com' })
  await prefer(state, ALICE, { deliver_to: ALICE })
  expect(await explain()).toMatchObject({ deliverTo: { value: undefined, from: 'reader', scope: ALICE } })
})

test('a schedule that no longer exists is reported as missing, and the default one holds', async () => {
  const { state, explain } = await scheduled()
  await prefer(state, ALICE, { schedules: '["gone"]' })
  expect(await explain()).toMatchObject({
    schedules: { value: ['gone'], from: 'reader' },
    held: [{ name: 'daily' }],
    missing: ['gone'],
  })
})

test('an admin of other domains is refused', async () => {
  const { deps } = await scheduled()
  for (const scope of [ALICE, '@example.com', '@']) {
    const refused = explainSettings(deps, ['example.org'], scope)
    await expect(refused).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
  }
})
