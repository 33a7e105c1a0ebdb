import { expect, test } from 'vitest'
import { setSchedule } from '../../../../src/desks/admin/schedules/change-schedules.ts'
import { removeSettings, setSettings } from '../../../../src/desks/admin/settings/change-settings.ts'
import { findSettings } from '../../../../src/desks/admin/settings/list-settings.ts'
import { type OwnChange, setOwnSettings } from '../../../../src/desks/reader/settings/own-settings.ts'
import type { Actor } from '../../../../src/ground/audit/record.ts'
import { DAY } from '../../../../src/ground/durations.ts'
import type { Reach } from '../../../../src/rules/reach/reach.ts'
import type { SettingsChange } from '../../../../src/rules/settings/setting-faults.ts'
import { FOREVER, NOT_PAUSED } from '../../../../src/rules/settings/setting-fields.ts'
import { seedSchedules } from '../../../../src/work/schedules/schedules.ts'
import type { DestinationChange } from '../../../../src/work/settings/destination-notices.ts'
import { settingsChangesContract } from '../../../contracts/settings-changes.ts'
import { NOW } from '../../../embedded/clock.ts'
import { directoryWith } from '../../../embedded/directory.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { SQLITE_STATE } from '../../../ground/state/sqlite-state.ts'

settingsChangesContract(SQLITE_STATE)

const ALICE = 'alice@example.com'
const root = { actor: { kind: 'admin', name: 'root', remoteAddress: null }, reach: undefined } as const
const within = (reach: Reach) => ({ ...root, reach })

async function scheduled() {
  const program = await embeddedProgram()
  const daily = { name: 'daily', cron: ['0 6 * * *'], timezone: 'Europe/Paris', default: true }
  await seedSchedules(program.state, [daily], NOW)
  await setSchedule(program.deps, root, 'weekly', { crons: ['0 6 * * 1'], isOffered: true })
  await setSchedule(program.deps, root, 'off', { crons: ['0 6 * * 1'], isOffered: true, enabled: false })
  await setSchedule(program.deps, root, 'vip', { crons: ['0 * * * *'] })
  const told: unknown[] = []
  const deps = {
    ...program.deps,
    onDestinationChanged: async (by: Actor, changes: readonly DestinationChange[]) => {
      told.push([by.name, ...changes.map(({ scope, from, to }) => [scope, from, to])])
    },
  }
  return {
    ...program,
    deps,
    told,
    set: (scope: string, change: SettingsChange, expected?: number) =>
      setSettings(deps, root, scope, change, expected),
    own: (change: OwnChange) => setOwnSettings(deps, ALICE, change, '192.0.2.7'),
    find: (scope: string) => findSettings(deps, undefined, scope),
    lastAudit: async () => (await program.rows('digest_audit')).at(-1),
  }
}

test('settings of an address that reads no mail of its own are kept, with a warning', async () => {
  const { deps } = await scheduled()
  const directory = directoryWith({ 'sales@example.com': [ALICE] })
  const set = (change: SettingsChange) =>
    setSettings({ ...deps, directory }, root, 'sales@example.com', change)
  const { settings, warnings } = await set({ language: 'de' })
  expect(settings).toMatchObject({ language: 'de' })
  expect(warnings).toEqual([expect.stringContaining('its mail is read by alice@example.com')])
  expect((await set({ language: null })).warnings).toEqual([])
})

test('schedules that leave out mail give a warning, whether this scope names them or a wider one', async () => {
  const { set, deps } = await scheduled()
  await setSchedule(deps, root, 'border', { crons: ['0 * * * *'], filter: { kinds: ['spam'], maxScore: 10 } })
  await setSchedule(deps, root, 'obvious', { crons: ['0 6 * * *'], filter: { minScore: 10 } })
  await setSchedule(deps, root, 'others', { crons: ['0 6 * * *'], filter: { maxScore: 10 } })
  const left = (names: string) => [
    expect.stringContaining(`The schedules that hold (${names}) leave out part`),
  ]
  expect((await set('@example.com', { schedules: ['border'] })).warnings).toEqual(left('border'))
  expect((await set(ALICE, { language: 'de' })).warnings).toEqual([])
  expect((await set(ALICE, { schedules: ['border', 'obvious'] })).warnings).toEqual(left('border + obvious'))
  expect((await set(ALICE, { schedules: ['obvious', 'others'] })).warnings).toEqual([])
  expect((await set(ALICE, { schedules: ['border', 'weekly'] })).warnings).toEqual([])
  expect((await set(ALICE, { schedules: null })).warnings).toEqual(left('border'))
})

test('all faults are reported at once, each with its field', async () => {
  const { set, rows } = await scheduled()
  await expect(set('alice', { language: 'de' })).rejects.toMatchObject({ code: 'SETTING_INVALID' })
  const refused = set(ALICE, {
    schedules: ['x'],
    language: 'x',
    timeZone: 'x',
    deliverTo: 'x',
    pausedUntil: 1,
  })
  await expect(refused).rejects.toThrow(`${ALICE}: 5 faults:\nschedules:`)
  await expect(refused).rejects.toMatchObject({
    faults: ['schedules', 'language', 'timeZone', 'deliverTo', 'pausedUntil'].map(field =>
      expect.objectContaining({ field }),
    ),
  })
  expect(await rows('digest_preference')).toEqual([])
})

test('settings are stored in canonical spelling', async () => {
  const { set, find } = await scheduled()
  await set('"Alice"@Example.COM.', {
    schedules: ['weekly', 'daily', 'weekly'],
    language: 'DE-at',
    timeZone: 'europe/paris',
    deliverTo: 'Bob.Smith@Bücher.Example',
    locked: ['pause', 'language', 'pause'],
  })
  expect(await find(ALICE)).toMatchObject({
    schedules: ['weekly', 'daily'],
    language: 'de-AT',
    timeZone: 'Europe/Paris',
    deliverTo: 'Bob.Smith@xn--bcher-kva.example',
    locked: ['language', 'pause'],
  })
})

test('a reader’s own address as destination overrides that of the domain', async () => {
  const { set, find, told } = await scheduled()
  await set('@example.com', { deliverTo: 'archive@example.com' })
  await set(ALICE, { deliverTo: 'Alice@Example.com' })
  expect(await find(ALICE)).toMatchObject({ deliverTo: 'Alice@example.com' })
  expect(told.at(-1)).toEqual(['root', [ALICE, 'archive@example.com', undefined]])
})

test.each(['al\u200Bice@example.com', 'al\u3164ice@example.com', 'alice@a..b', 'alice@1', '@.example.com'])(
  '%j cannot get settings, but those it has can be removed',
  async scope => {
    const { set, state, deps, find } = await scheduled()
    await expect(set(scope, { language: 'de' })).rejects.toMatchObject({ code: 'SETTING_INVALID' })
    await prefer(state, scope, { language: 'de' })
    await removeSettings(deps, root, scope)
    expect(await find(scope).catch(() => undefined)).toBeUndefined()
  },
)

test('a field is left alone, changed or cleared, and a row in which nothing is set is removed', async () => {
  const { set, find, rows, lastAudit } = await scheduled()
  const { settings } = await set(ALICE, { language: 'de', enabled: false }, 0)
  const { settings: then } = await set(ALICE, { enabled: null }, settings.version)
  expect(then).toMatchObject({ language: 'de', enabled: null, version: settings.version + 1 })
  const { settings: last } = await set(ALICE, { language: null })
  expect(last).toMatchObject({ language: null, version: 0 })
  expect(await find(ALICE)).toBeUndefined()
  expect(await rows('digest_preference')).toEqual([])
  expect(await lastAudit()).toMatchObject({ action: 'settings-remove', detail: 'language: de → -' })
})

test('a change without effect leaves no trace', async () => {
  const { set, rows } = await scheduled()
  const { settings } = await set(ALICE, { language: 'de' })
  const audits = (await rows('digest_audit')).length
  expect(await set(ALICE, { language: 'de' })).toEqual({ settings, warnings: [] })
  expect(await rows('digest_audit')).toHaveLength(audits)
})

test('settings that were removed and set again do not match the version that was seen', async () => {
  const { set, time, deps, find } = await scheduled()
  const { settings } = await set(ALICE, { language: 'de' })
  time.now += 1000
  await removeSettings(deps, root, ALICE)
  await set(ALICE, { language: 'fr' })
  await expect(set(ALICE, { language: 'en' }, settings.version)).rejects.toMatchObject({
    code: 'EDIT_CONFLICT',
  })
  expect(await find(ALICE)).toMatchObject({ language: 'fr' })
})

test('an admin of some domains changes these and their readers, and nothing that is set for everybody', async () => {
  const { deps } = await scheduled()
  const admin = within(['example.com'])
  for (const scope of [ALICE, '@Example.com']) await setSettings(deps, admin, scope, { language: 'de' })
  for (const scope of [
    '@',
    '@example.org',
    '@sub.example.com',
    'bob@example.org',
    '"a@example.com"@example.org',
  ]) {
    const refused = { code: 'OUT_OF_REACH' }
    await expect(setSettings(deps, admin, scope, { language: 'de' })).rejects.toMatchObject(refused)
    await expect(removeSettings(deps, admin, scope)).rejects.toMatchObject(refused)
    await expect(findSettings(deps, admin.reach, scope)).rejects.toMatchObject(refused)
  }
})

test('a new destination is announced, whether for a reader, a domain or everybody', async () => {
  const { set, deps, told } = await scheduled()
  await set('@', { deliverTo: 'all@example.com' })
  await set('@example.com', { deliverTo: 'shared@example.com' })
  await set(ALICE, { deliverTo: 'bob@example.net' })
  await set(ALICE, { deliverTo: 'bob@example.net', language: 'de' })
  await removeSettings(deps, root, ALICE)
  expect(told).toEqual([
    ['root', ['@', undefined, 'all@example.com']],
    ['root', ['@example.com', 'all@example.com', 'shared@example.com']],
    ['root', [ALICE, 'shared@example.com', 'bob@example.net']],
    ['root', [ALICE, 'bob@example.net', 'shared@example.com']],
  ])
})

test('when its announcement cannot be sent, the change is made with a warning', async () => {
  const { deps, find } = await scheduled()
  const failing = {
    ...deps,
    onDestinationChanged: async () => {
      throw new Error('connection refused')
    },
  }
  const { warnings } = await setSettings(failing, root, ALICE, { deliverTo: 'bob@example.net' })
  expect(warnings).toEqual([
    `Not everybody concerned could be told that the digests of ${ALICE} go to bob@example.net now: connection refused`,
  ])
  expect(await find(ALICE)).toMatchObject({ deliverTo: 'bob@example.net' })
})

test('a schedule that is off may be set, with a warning', async () => {
  const { set } = await scheduled()
  expect((await set(ALICE, { schedules: ['off', 'daily'] })).warnings).toEqual([
    expect.stringContaining('The schedule off is off'),
  ])
})

test('settings under a spelling that is not canonical can be removed by that spelling', async () => {
  const { deps, state, rows, lastAudit } = await scheduled()
  await prefer(state, 'Alice@Example.com', { language: 'de' })
  await prefer(state, 'rubbish', { language: 'de' })
  await prefer(state, ALICE, { language: 'fr' })
  const admin = within(['example.com'])
  await expect(removeSettings(deps, admin, 'rubbish')).rejects.toMatchObject({ code: 'SETTING_INVALID' })
  await removeSettings(deps, root, 'rubbish')
  expect(await removeSettings(deps, admin, 'Alice@Example.com')).toMatchObject({ isCanonical: false })
  expect(await lastAudit()).toMatchObject({ recipient: 'Alice@Example.com', detail: 'language: de → -' })
  expect((await rows('digest_preference')).map(row => row.scope)).toEqual([ALICE])
})

test('a reader changes everything that is not locked', async () => {
  const { own, set, find, lastAudit } = await scheduled()
  await set('@example.com', { locked: [] })
  const change = {
    schedules: ['weekly'],
    language: 'de',
    timeZone: 'Asia/Tokyo',
    deliverTo: 'bob@example.net',
  }
  expect(await own(change)).toMatchObject(change)
  expect(await lastAudit()).toMatchObject({
    actor_kind: 'reader',
    actor: ALICE,
    remote_address: '192.0.2.7',
    action: 'settings-set',
  })
  await own({ schedules: null, language: null, timeZone: null, deliverTo: null })
  expect(await find(ALICE)).toBeUndefined()
})

test.each<[string, string, OwnChange]>([
  ['schedules', 'schedule', { schedules: ['weekly'] }],
  ['language', 'language', { language: 'de' }],
  ['timeZone', 'timezone', { timeZone: 'Asia/Tokyo' }],
  ['deliverTo', 'deliver-to', { deliverTo: 'bob@example.net' }],
  ['pause', 'pause', { pausedUntil: FOREVER }],
  ['pause', 'pause', { pausedUntil: NOT_PAUSED }],
])('a reader cannot change %s while it is locked (%s: %j)', async (field, word, change) => {
  const { own, state, rows } = await scheduled()
  await prefer(state, '@example.com', { locked: JSON.stringify([field]), paused_until: FOREVER })
  const refused = own({ ...change, ...(field === 'language' ? {} : { language: 'fr' }) })
  await expect(refused).rejects.toMatchObject({ code: 'SETTING_LOCKED' })
  await expect(refused).rejects.toThrow(`decides this: ${word}. Nothing was changed`)
  expect(await rows('digest_preference')).toHaveLength(1)
})

test('by default only the destination is locked, and locks of a narrower scope override those of a wider one', async () => {
  const { own, set } = await scheduled()
  await expect(own({ deliverTo: 'bob@example.net' })).rejects.toMatchObject({ code: 'SETTING_LOCKED' })
  await own({ language: 'de' })
  await set('@', { locked: ['language'] })
  await expect(own({ language: 'fr' })).rejects.toMatchObject({ code: 'SETTING_LOCKED' })
  await set(ALICE, { locked: [] })
  await own({ language: 'fr', deliverTo: 'bob@example.net' })
})

test('a form may contain a locked field unchanged', async () => {
  const { own, set } = await scheduled()
  await set(ALICE, { locked: ['language', 'schedules'], language: 'de', schedules: ['vip'] })
  await own({ language: 'de', schedules: ['vip'], timeZone: 'Asia/Tokyo' })
})

test('a reader chooses among schedules that are offered and on, and may keep what the administrator has set', async () => {
  const { own, set } = await scheduled()
  for (const name of ['daily', 'off', 'vip']) {
    const refused = own({ schedules: [name] })
    await expect(refused).rejects.toMatchObject({ code: 'SETTING_INVALID' })
    await expect(refused).rejects.toThrow(`${name} is not offered to readers; offered: weekly`)
  }
  await set('@example.com', { schedules: ['vip'] })
  expect(await own({ schedules: ['vip', 'weekly'] })).toMatchObject({ schedules: ['vip', 'weekly'] })
})

test('a reader cannot switch digests on or unlock anything, even with a forged form', async () => {
  const { own, set, find } = await scheduled()
  await set(ALICE, { enabled: false, language: 'de' })
  const forged: OwnChange & SettingsChange = { language: 'fr', enabled: true, locked: [] }
  await own(forged)
  expect(await find(ALICE)).toMatchObject({ enabled: false, locked: null, language: 'fr' })
})

test('a pause and its end have audit actions of their own, and the reader may override the domain’s pause', async () => {
  const { own, set, find, lastAudit } = await scheduled()
  await own({ pausedUntil: NOW + DAY })
  expect(await lastAudit()).toMatchObject({
    action: 'pause',
    detail: 'paused until: - → 2026-03-12T05:00:00.000Z',
  })
  expect((await own({ pausedUntil: NOT_PAUSED })).pausedUntil).toBeUndefined()
  expect(await lastAudit()).toMatchObject({ action: 'resume' })
  expect(await find(ALICE)).toBeUndefined()
  await set('@example.com', { pausedUntil: FOREVER })
  expect(await own({ pausedUntil: NOT_PAUSED })).toMatchObject({ pausedUntil: NOT_PAUSED })
})

test('settings that were removed and set again within a second have a new version', async () => {
  const { set, deps } = await scheduled()
  const { version } = (await set(ALICE, { language: 'de' }, 0)).settings
  await removeSettings(deps, root, ALICE, version)
  await set(ALICE, { language: 'fr' }, 0)
  await expect(set(ALICE, { language: 'it' }, version)).rejects.toMatchObject({ code: 'EDIT_CONFLICT' })
})
