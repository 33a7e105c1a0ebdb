import { expect, test } from 'vitest'
import type { PreferenceTable } from '../../../src/ground/state/state-tables.ts'
import type { ReaderSettings } from '../../../src/rules/settings/reader-settings.ts'
import { FOREVER, NOT_PAUSED } from '../../../src/rules/settings/setting-fields.ts'
import { readerSettings, settingsOf } from '../../../src/work/settings/read-settings.ts'
import { prefer } from '../../embedded/preferences.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../embedded/program.ts'

const ALICE = 'alice@example.com'
const standard = { language: 'en', timeZone: 'Europe/Paris' }

test('without any setting, the standard ones apply', async () => {
  expect(await settingsOfAlice(await embeddedProgram())).toEqual({
    schedules: undefined,
    language: 'en',
    isLanguageSet: false,
    timeZone: 'Europe/Paris',
    deliverTo: undefined,
    pausedUntil: undefined,
    enabled: true,
    locked: ['deliverTo'],
    phrase: '',
    copyTo: [],
    leaveOutBlocked: false,
  })
})

test('for each field the most specific setting wins: the reader’s, the domain’s, everybody’s', async () => {
  const program = await embeddedProgram()
  const everybody = { schedules: '["daily"]', language: 'fr', time_zone: 'UTC', enabled: 0, paused_until: 5 }
  await prefer(program.state, '@', everybody)
  await prefer(program.state, '@example.com', { schedules: '["a","b"]', language: 'de', enabled: 1 })
  await prefer(program.state, ALICE, { language: 'nl', deliver_to: 'a@b.example' })
  expect(await settingsOfAlice(program)).toEqual({
    schedules: ['a', 'b'],
    language: 'nl',
    isLanguageSet: true,
    timeZone: 'UTC',
    deliverTo: 'a@b.example',
    pausedUntil: 5,
    enabled: true,
    locked: ['deliverTo'],
    phrase: '',
    copyTo: [],
    leaveOutBlocked: false,
  })
})

test.each<[string, readonly [number | null, number | null, number | null], number | undefined]>([
  ['nobody’s pause', [null, null, null], undefined],
  ['the reader’s own pause, if it ends after the domain’s', [9, 5, null], 9],
  ['the domain’s pause, if it ends after the reader’s own', [5, 9, null], 9],
  ['everybody’s pause, if the domain has none', [5, null, FOREVER], FOREVER],
  ['no pause, if the reader is set to not paused', [NOT_PAUSED, FOREVER, 9], NOT_PAUSED],
  ['only the reader’s own pause, if the domain is set to not paused', [5, NOT_PAUSED, FOREVER], 5],
])('%s', async (_, pauses, until) => {
  const program = await embeddedProgram()
  for (const [index, scope] of [ALICE, '@example.com', '@'].entries()) {
    await prefer(program.state, scope, { paused_until: pauses[index] ?? null })
  }
  expect((await settingsOfAlice(program))?.pausedUntil).toBe(until)
})

test('a reader’s own address as destination overrides the domain’s, however it is spelled', async () => {
  const program = await embeddedProgram()
  await prefer(program.state, '@example.com', { deliver_to: 'archive@example.com' })
  expect(await settingsOfAlice(program)).toMatchObject({ deliverTo: 'archive@example.com' })
  await prefer(program.state, ALICE, { deliver_to: 'Alice@EXAMPLE.com' })
  expect(await settingsOfAlice(program)).toMatchObject({ deliverTo: undefined })
})

test('the settings of another domain, or of one with a similar ending, do not apply', async () => {
  const program = await embeddedProgram()
  await prefer(program.state, '@ample.com', { enabled: 0 })
  await prefer(program.state, '@mail.example.com', { enabled: 0 })
  expect(await settingsOfAlice(program)).toMatchObject({ enabled: true })
})

test('the domain of an address with a quoted @ is what follows the last @', async () => {
  const program = await embeddedProgram()
  await prefer(program.state, '@example.com', { language: 'de' })
  const reader = '"a@b"@example.com'
  expect((await readerSettings(program.state, reader, standard)).language).toBe('de')
})

test('the settings of one reader are the same whether read alone or together with others', async () => {
  const program = await embeddedProgram()
  await prefer(program.state, ALICE, { language: 'de' })
  const readers = [ALICE, 'bob@example.com']
  const all = await settingsOf(program.state, readers, standard)
  for (const reader of readers)
    expect(await readerSettings(program.state, reader, standard)).toEqual(all.get(reader))
})

test('many readers cost one statement', async () => {
  const program = await embeddedProgram()
  program.statements.length = 0
  const readers = Array.from({ length: 500 }, (_, index) => `reader-${index}@example.com`)
  expect((await settingsOf(program.state, readers, standard)).size).toBe(500)
  expect(program.statements).toHaveLength(1)
  expect(await settingsOf(program.state, [], standard)).toEqual(new Map())
})

test('the locks of the most specific setting apply', async () => {
  const program = await embeddedProgram()
  await prefer(program.state, '@', { locked: '["language","pause"]' })
  expect(await settingsOfAlice(program)).toMatchObject({ locked: ['language', 'pause'] })
  await prefer(program.state, '@example.com', { locked: '[]' })
  expect(await settingsOfAlice(program)).toMatchObject({ locked: [] })
})

test.each<[string, Partial<PreferenceTable>]>([
  ['schedules that are not JSON', { schedules: 'daily' }],
  ['schedules that are not a list', { schedules: '{"a":1}' }],
  ['schedules that are not names', { schedules: '[1,null]' }],
  ['locks that are not JSON', { locked: '[' }],
  ['an unknown time zone', { time_zone: 'Mars/Olympus' }],
  ['an offset', { time_zone: '+02:00' }],
  ['a language that is not a tag', { language: 'de_DE!' }],
])('%s, written directly into the table: the wider settings apply', async (_, broken) => {
  const program = await embeddedProgram()
  const wide = { schedules: '["a"]', locked: '["pause"]', time_zone: 'Asia/Tokyo', language: 'de' }
  await prefer(program.state, '@', wide)
  await prefer(program.state, ALICE, { ...broken, deliver_to: 'bob@example.net' })
  expect(await settingsOfAlice(program)).toMatchObject({
    schedules: ['a'],
    locked: ['pause'],
    timeZone: 'Asia/Tokyo',
    language: 'de',
    deliverTo: 'bob@example.net',
  })
})

test('settings whose scope is not in canonical form are never used', async () => {
  const program = await embeddedProgram()
  for (const scope of ['Alice@Example.com', '@Example.COM', '@example.com.', '*']) {
    await prefer(program.state, scope, { enabled: 0 })
  }
  expect(await settingsOfAlice(program)).toMatchObject({ enabled: true })
})

const settingsOfAlice = (program: EmbeddedProgram): Promise<ReaderSettings> =>
  readerSettings(program.state, ALICE, standard)
