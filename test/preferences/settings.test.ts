import { expect, test } from 'vitest'
import { pause, resume } from '../../src/preferences/pause.ts'
import { type ReaderSettings, settingsOf } from '../../src/preferences/settings.ts'
import { NOW } from '../embedded/clock.ts'
import { prefer } from '../embedded/preferences.ts'
import { type EmbeddedProgram, embeddedProgram } from '../embedded/program.ts'

const ALICE = 'alice@example.com'
const standard = { language: 'en', timeZone: 'Europe/Paris' }

test('without any setting, the standard holds', async () => {
  expect(await settingsOfAlice(await embeddedProgram())).toEqual({
    schedules: undefined,
    language: 'en',
    timeZone: 'Europe/Paris',
    deliverTo: undefined,
    pausedUntil: undefined,
    enabled: true,
  })
})

test('the most specific setting holds: the reader’s, the domain’s, everybody’s, each by itself', async () => {
  const program = await embeddedProgram()
  const everybody = { schedules: '["daily"]', language: 'fr', time_zone: 'UTC', enabled: 0, paused_until: 5 }
  await prefer(program.state, '@', everybody)
  await prefer(program.state, '@example.com', { schedules: '["a","b"]', language: 'de', enabled: 1 })
  await prefer(program.state, ALICE, { language: 'nl', deliver_to: 'a@b.example' })
  expect(await settingsOfAlice(program)).toEqual({
    schedules: ['a', 'b'],
    language: 'nl',
    timeZone: 'UTC',
    deliverTo: 'a@b.example',
    pausedUntil: 5,
    enabled: true,
  })
})

test("another domain's settings, and those of a domain that ends alike, do not hold", async () => {
  const program = await embeddedProgram()
  await prefer(program.state, '@ample.com', { enabled: 0 })
  await prefer(program.state, '@mail.example.com', { enabled: 0 })
  expect(await settingsOfAlice(program)).toMatchObject({ enabled: true })
})

test('a quoted local part with an @ belongs to the domain behind the last one', async () => {
  const program = await embeddedProgram()
  await prefer(program.state, '@example.com', { language: 'de' })
  const reader = '"a@b"@example.com'
  expect((await settingsOf(program.state, [reader], standard)).get(reader)?.language).toBe('de')
})

test('many readers cost one statement', async () => {
  const program = await embeddedProgram()
  program.statements.length = 0
  const readers = Array.from({ length: 500 }, (_, index) => `reader-${index}@example.com`)
  expect((await settingsOf(program.state, readers, standard)).size).toBe(500)
  expect(program.statements).toHaveLength(1)
  expect(await settingsOf(program.state, [], standard)).toEqual(new Map())
})

test('a pause lasts until it is taken back, and leaves the other settings alone', async () => {
  const program = await embeddedProgram()
  await prefer(program.state, ALICE, { language: 'nl' })
  await pause(program.state, ALICE, NOW)
  const paused = await settingsOfAlice(program)
  expect(paused).toMatchObject({ language: 'nl' })
  expect(paused?.pausedUntil).toBeGreaterThan(NOW + 1000 * 365 * 86_400_000)
  await resume(program.state, ALICE, NOW)
  expect(await settingsOfAlice(program)).toMatchObject({ language: 'nl', pausedUntil: 0 })
})

test('a reader can resume although the whole domain is paused', async () => {
  const program = await embeddedProgram()
  await prefer(program.state, '@example.com', { paused_until: NOW + 1000 })
  await resume(program.state, ALICE, NOW)
  expect(await settingsOfAlice(program)).toMatchObject({ pausedUntil: 0 })
})

const settingsOfAlice = async (program: EmbeddedProgram): Promise<ReaderSettings | undefined> =>
  (await settingsOf(program.state, [ALICE], standard)).get(ALICE)
