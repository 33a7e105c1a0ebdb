import { expect, test } from 'vitest'
import {
  expectedTimeZone,
  storedTimeZone,
  storedZoneWarning,
  timeZoneName,
} from '../../../src/ground/i18n/time-zone-name.ts'
import { zoneMeantBy } from '../../../src/ground/i18n/zone-abbreviations.ts'

test.each([
  ['europe/paris', 'Europe/Paris'],
  ['AMERICA/ARGENTINA/BUENOS_AIRES', 'America/Argentina/Buenos_Aires'],
  ['america/port-au-prince', 'America/Port-au-Prince'],
  ['africa/dar_es_salaam', 'Africa/Dar_es_Salaam'],
  ['utc', 'UTC'],
  ['Etc/utc', 'UTC'],
  ['etc/gmt+5', 'Etc/GMT+5'],
])('%s becomes %s, whatever its letter case', (text, name) => {
  expect(timeZoneName(text)).toBe(name)
})

test.each(['Europe/Kyiv', 'Europe/Kiev', 'Asia/Kolkata', 'Asia/Calcutta'])(
  '%s is kept, whether it is newer or older than the other name of the place',
  name => {
    const spellings = [name, name.toLowerCase(), name.toUpperCase()]
    expect(spellings.map(timeZoneName)).toEqual([name, name, name])
  },
)

test.each([
  ['US/Eastern', 'America/New_York'],
  ['uS/eastern', 'America/New_York'],
  ['gb', 'Europe/London'],
])('the nickname %s becomes %s', (text, name) => {
  expect(timeZoneName(text)).toBe(name)
})

test.each(['+01:00', 'Europe/Atlantis', '', 'a'.repeat(100)])('%s is not a time zone', text => {
  expect(timeZoneName(text)).toBeUndefined()
})

test.each([
  ['BST', 'Europe/London'],
  ['bst', 'Europe/London'],
  ['EST', 'America/New_York'],
  ['MST', 'America/Denver'],
  ['HST', 'Pacific/Honolulu'],
  ['IST', 'Asia/Kolkata'],
  ['CST', 'America/Chicago'],
  ['PST', 'America/Los_Angeles'],
  ['ART', 'America/Argentina/Buenos_Aires'],
  ['CET', 'Europe/Paris'],
  ['CEST', 'Europe/Paris'],
])('the abbreviation %s is refused, and %s is suggested', (text, meant) => {
  expect(timeZoneName(text)).toBeUndefined()
  expect(expectedTimeZone(text)).toBe(
    `expected a time zone such as Europe/Paris (${text.toUpperCase()}: write ${meant})`,
  )
})

test('each abbreviation that the runtime knows is refused with a suggestion that is accepted', () => {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  const words = letters.flatMap(a => letters.flatMap(b => letters.map(c => a + b + c)))
  const known = words.filter(word => storedTimeZone(word) !== undefined)
  const accepted = known.filter(word => timeZoneName(word) !== undefined)
  expect(accepted.sort()).toEqual(['GMT', 'PRC', 'ROC', 'ROK', 'UCT', 'UTC'])
  for (const word of known.filter(word => !accepted.includes(word))) {
    expect(timeZoneName(zoneMeantBy(word) ?? word), word).toBe(zoneMeantBy(word))
  }
})

test('an abbreviation in our tables keeps the meaning that it had, with a warning', () => {
  expect(storedTimeZone('BST')).toMatch(/^Asia\/D(?:hak|acc)a$/)
  expect(storedZoneWarning('BST')).toMatch(/BST.* is read as Asia\/D(?:hak|acc)a\. Set Europe\/London or /)
  expect(storedZoneWarning('Europe/Paris')).toBeUndefined()
  expect(storedZoneWarning('UTC')).toBeUndefined()
})

test('a normal name does not change', () => {
  const names = [...Intl.supportedValuesOf('timeZone'), 'Europe/Kyiv', 'America/Indiana/Indianapolis']
  expect(names.map(timeZoneName)).toEqual(names)
})
