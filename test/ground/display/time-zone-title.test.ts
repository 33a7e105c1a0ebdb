import { expect, test } from 'vitest'
import { timeZoneTitle } from '../../../src/ground/display/time-zone-title.ts'

const AT = Date.UTC(2026, 2, 11)
const title = (language: string, timeZone: string) => timeZoneTitle({ language, timeZone }, AT)

test('a time zone has the name that people know, in their language, in summer and winter', () => {
  expect(title('en', 'Europe/Paris')).toBe('Central European Time')
  expect(title('de', 'Europe/Berlin')).toBe('Mitteleuropäische Zeit')
  expect(title('pl', 'Europe/Warsaw')).toBe('czas środkowoeuropejski')
  expect(title('ar', 'Europe/Paris')).toBe('توقيت وسط أوروبا')
  expect(title('en', 'UTC')).toBe('Coordinated Universal Time')
})

test('a zone without a name is called by its IANA name, an unknown one UTC', () => {
  expect(title('en', 'Etc/GMT+5')).toBe('Etc/GMT+5')
  expect(title('en', 'Moon/Base')).toBe('Coordinated Universal Time')
  expect(title('not a language', 'Europe/Paris')).toBe('Europe/Paris')
  for (const language of ['en', 'de', 'ar', 'pl']) {
    for (const zone of Intl.supportedValuesOf('timeZone'))
      expect(title(language, zone)).not.toMatch(/^$|[+-]\d/)
  }
})
