import { expect, test } from 'vitest'
import { timeZoneName } from '../../../src/ground/i18n/time-zone-name.ts'

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

test('a normal name does not change', () => {
  const names = [...Intl.supportedValuesOf('timeZone'), 'Europe/Kyiv', 'America/Indiana/Indianapolis']
  expect(names.map(timeZoneName)).toEqual(names)
})
