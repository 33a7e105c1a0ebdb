import { expect, test } from 'vitest'
import { checkChange, type SettingsChange } from '../../../src/rules/settings/setting-faults.ts'
import { FOREVER, NOT_PAUSED } from '../../../src/rules/settings/setting-fields.ts'
import { NOW } from '../../embedded/clock.ts'

const ALICE = 'alice@example.com'
const RULES = { schedules: ['daily', 'weekly'], languages: ['en', 'de'], now: NOW }

test.each<[string, SettingsChange, string]>([
  [
    'a schedule that does not exist',
    { schedules: ['daily', 'nope'] },
    'there is no schedule "nope"; existing ones: daily, weekly',
  ],
  ['no schedule', { schedules: [] }, 'expected the name of a schedule'],
  ['a language without a translation', { language: 'tlh' }, 'expected a language that has a translation ('],
  ['a malformed language tag', { language: 'de_DE!' }, 'found "de_DE!"'],
  ['a language that only begins like a known one', { language: 'den' }, 'found "den"'],
  [
    'an unknown time zone',
    { timeZone: 'Mars/Olympus' },
    'expected a time zone such as Europe/Paris, found "Mars/Olympus"',
  ],
  ['an offset in place of a zone', { timeZone: '+02:00' }, 'expected a time zone'],
  [
    'a destination that is no address',
    { deliverTo: 'bob' },
    'expected an address such as alice@example.com, found "bob"',
  ],
  ['two addresses', { deliverTo: 'a@b.example,c@d.example' }, 'expected an address'],
  [
    'an address with another header in it',
    { deliverTo: 'a@b.example\r\nBcc: c@d.example' },
    'expected an address',
  ],
  ['an address with an invisible character', { deliverTo: 'b\u200Bob@d.example' }, 'expected an address'],
  ['an address with a number as its domain', { deliverTo: 'x@1' }, 'expected an address'],
  ['a pause that is over', { pausedUntil: NOW }, 'expected a time that is still to come'],
  ['a pause beyond the year 9999', { pausedUntil: FOREVER + 1 }, 'expected a time that is still to come'],
  ['a pause that is not a number', { pausedUntil: Number.NaN }, 'expected a time'],
])('%s is a fault', (_, change, words) => {
  const { faults } = checkChange(change, RULES)
  expect(faults).toEqual([{ field: Object.keys(change)[0], message: expect.stringContaining(words) }])
})

test('settings that stay, settings that are cleared and valid values are no faults', () => {
  const change: SettingsChange = {
    schedules: null,
    language: 'de',
    timeZone: undefined,
    deliverTo: '"Bob Smith"@example.net',
    pausedUntil: NOT_PAUSED,
    enabled: false,
    locked: [],
  }
  expect(checkChange(change, RULES)).toEqual({ change, faults: [] })
  expect(checkChange({ deliverTo: ALICE }, RULES).faults).toEqual([])
})

test('addresses for copies are mailable, at most five, and each is there once', () => {
  const checked = (...copyTo: readonly string[]) => checkChange({ copyTo }, RULES)
  expect(checked('a@example.com', 'B@Example.com', 'b@example.com').change.copyTo).toEqual([
    'a@example.com',
    'b@example.com',
  ])
  expect(checked().change.copyTo).toEqual([])
  expect(checked('a@example.com', 'a@localhost', 'x').faults).toMatchObject([
    { field: 'copyTo', message: expect.stringMatching(/found "a@localhost", "x"$/) },
  ])
  const six = ['a', 'b', 'c', 'd', 'e', 'f'].map(name => `${name}@example.com`)
  expect(checked(...six).faults).toMatchObject([{ message: 'expected at most 5 addresses, found 6' }])
})

test('hostile text is escaped and shortened in a message', () => {
  const { faults } = checkChange({ timeZone: `\u001b[2J${'x'.repeat(10_000)}` }, RULES)
  expect(faults[0]?.message).toContain('found "\\u001b[2Jxxx')
  expect(faults[0]?.message.length).toBeLessThan(200)
})
