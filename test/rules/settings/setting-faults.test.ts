import { expect, test } from 'vitest'
import { checkChange, type SettingsChange } from '../../../src/rules/settings/setting-faults.ts'
import { FOREVER, NOT_PAUSED } from '../../../src/rules/settings/setting-fields.ts'
import { NOW } from '../../embedded/clock.ts'

const ALICE = 'alice@example.com'
const RULES = { schedules: ['daily', 'weekly'], languages: ['en', 'de'], now: NOW }

test.each<[string, SettingsChange, string]>([
  [
    'a schedule that is not there',
    { schedules: ['daily', 'nope'] },
    'there is no schedule "nope"; there are: daily, weekly',
  ],
  ['no schedule', { schedules: [] }, 'expected the name of a schedule'],
  [
    'a language that nobody has words for',
    { language: 'tlh' },
    'expected a language that there are words for (',
  ],
  ['a language that is no tag', { language: 'de_DE!' }, 'found "de_DE!"'],
  ['a language that only begins like one', { language: 'den' }, 'found "den"'],
  [
    'an unknown time zone',
    { timeZone: 'Mars/Olympus' },
    'expected a time zone such as Europe/Paris, found "Mars/Olympus"',
  ],
  ['an offset', { timeZone: '+02:00' }, 'expected a time zone'],
  ['no address', { deliverTo: 'bob' }, 'expected an address such as alice@example.com, found "bob"'],
  ['two addresses', { deliverTo: 'a@b.example,c@d.example' }, 'expected an address'],
  [
    'an address with another header in it',
    { deliverTo: 'a@b.example\r\nBcc: c@d.example' },
    'expected an address',
  ],
  ['an address that does not show what it is', { deliverTo: 'b\u200Bob@d.example' }, 'expected an address'],
  ['an address at a number', { deliverTo: 'x@1' }, 'expected an address'],
  ['a pause that is over', { pausedUntil: NOW }, 'expected a time that is still to come'],
  ['a pause beyond the years', { pausedUntil: FOREVER + 1 }, 'expected a time that is still to come'],
  ['a pause that is no number', { pausedUntil: Number.NaN }, 'expected a time'],
])('%s is a fault', (_, change, words) => {
  const { faults } = checkChange(change, RULES)
  expect(faults).toEqual([{ field: Object.keys(change)[0], message: expect.stringContaining(words) }])
})

test('what stays, what is given back and what is fine are no faults', () => {
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

test('hostile words stand in a message quoted and cut', () => {
  const { faults } = checkChange({ timeZone: `\u001b[2J${'x'.repeat(10_000)}` }, RULES)
  expect(faults[0]?.message).toContain('found "\\u001b[2Jxxx')
  expect(faults[0]?.message.length).toBeLessThan(200)
})
