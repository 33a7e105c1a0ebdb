import { expect, test } from 'vitest'
import { explainSettings } from '../../../src/desks/admin/settings/explain-settings.ts'
import { ownPreferences } from '../../../src/desks/reader/settings/own-preferences.ts'
import type { Directory, DirectoryReader } from '../../../src/ground/directory/directory.ts'
import { CodedError } from '../../../src/ground/errors.ts'
import { pageLanguageOf, settingsOf } from '../../../src/work/settings/read-settings.ts'
import { standardsOf, withDirectory } from '../../../src/work/settings/standards.ts'
import { directoryWith } from '../../embedded/directory.ts'
import { prefer } from '../../embedded/preferences.ts'
import { embeddedProgram, LOCALES } from '../../embedded/program.ts'

const BOB = 'bob@example.com'
const STANDARD = { language: 'en', timeZone: 'UTC' }

test('the directory decides what nobody has set; each setting wins over it', async () => {
  const { state } = await embeddedProgram()
  const standards = knowing({ language: 'pl', timeZone: 'Asia/Tokyo' })
  const settings = async () => (await settingsOf(state, [BOB], standards)).get(BOB)
  expect(await settings()).toMatchObject({ language: 'pl', timeZone: 'Asia/Tokyo', isLanguageSet: false })
  await prefer(state, '@', { language: 'fr' })
  expect(await settings()).toMatchObject({ language: 'fr', timeZone: 'Asia/Tokyo', isLanguageSet: true })
  await prefer(state, BOB, { time_zone: 'Europe/Paris' })
  expect(await settings()).toMatchObject({ language: 'fr', timeZone: 'Europe/Paris' })
})

test.each<[string, Partial<DirectoryReader>, typeof STANDARD]>([
  [
    'a wider language where its country has no words',
    { language: 'de-at' },
    { ...STANDARD, language: 'de-AT' },
  ],
  ['the standard for a language without words', { language: 'ja' }, STANDARD],
  ['the standard for what is no language', { language: '../de\u0000' }, STANDARD],
  ['the standard for a time zone that does not exist', { timeZone: 'Mars/Olympus' }, STANDARD],
  ['the standard for an offset', { timeZone: '+02:00' }, STANDARD],
  [
    'the usual spelling of a time zone',
    { timeZone: 'europe/paris' },
    { ...STANDARD, timeZone: 'Europe/Paris' },
  ],
])('it takes %s', async (_, known, expected) => {
  expect((await standardsOf(knowing(known), [BOB]))(BOB)).toEqual(expected)
})

test('many readers are one question, in which no domain occurs', async () => {
  const asked: (readonly string[])[] = []
  const directory: Directory = {
    async find(addresses) {
      asked.push(addresses)
      return directoryWith({}).find(addresses)
    },
  }
  const standards = withDirectory(STANDARD, directory, LOCALES.languages)
  await standardsOf(standards, [BOB, '@example.com', '@', 'eve@example.com'])
  await standardsOf(standards, ['@example.com'])
  expect(asked).toEqual([[BOB, 'eve@example.com']])
})

test('while the directory is away, the standard applies; a mistake in the program is not hidden', async () => {
  const failing = (error: Error) =>
    withDirectory(STANDARD, { find: () => Promise.reject(error) }, LOCALES.languages)
  const away = failing(new CodedError('DIRECTORY_UNREACHABLE', 'The directory is away.'))
  expect((await standardsOf(away, [BOB]))(BOB)).toEqual(STANDARD)
  await expect(standardsOf(failing(new TypeError('mistake')), [BOB])).rejects.toThrow('mistake')
})

test('a page takes the browser’s language, and the directory’s where the browser asks for none that has words', async () => {
  const { state } = await embeddedProgram()
  expect(await pageLanguageOf(state, BOB, knowing({ language: 'pl' }))).toMatchObject({
    language: undefined,
    standardLanguage: 'pl',
  })
})

test('a reader sees the directory’s language as the one that applies without a choice', async () => {
  const { deps, time } = await embeddedProgram()
  const standard = knowing({ language: 'pl', timeZone: 'Asia/Tokyo' })
  expect(await ownPreferences({ ...deps, standard }, BOB, BOB, time.now)).toMatchObject({
    language: 'pl',
    languages: { chosen: undefined, standard: 'pl' },
    timeZones: { chosen: undefined, standard: 'Asia/Tokyo' },
  })
})

test('an admin is told that a value comes from the directory', async () => {
  const { deps } = await embeddedProgram()
  const standard = knowing({ language: 'pl' })
  const explained = await explainSettings({ ...deps, standard }, undefined, BOB)
  expect(explained.language).toEqual({ value: 'pl', from: 'directory', scope: undefined })
  expect(explained.timeZone).toEqual({ value: 'UTC', from: 'default', scope: undefined })
  expect((await explainSettings({ ...deps, standard }, undefined, '@example.com')).language.from).toBe(
    'default',
  )
})

const knowing = (known: Partial<DirectoryReader>) =>
  withDirectory(
    STANDARD,
    directoryWith({ [BOB]: [{ address: BOB, isOff: false, ...known }] }),
    LOCALES.languages,
  )
