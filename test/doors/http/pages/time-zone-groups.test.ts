import { expect, test } from 'vitest'
import { timeZoneGroups } from '../../../../src/doors/http/pages/time-zone-groups.ts'

const zonesOf = (chosen: string | undefined) => timeZoneGroups(chosen, 'Other').flatMap(({ zones }) => zones)

test('every zone, including UTC, is listed once under its region', () => {
  const zones = zonesOf(undefined).map(({ zone }) => zone)
  expect(zones).toEqual(expect.arrayContaining(['Europe/Paris', 'Pacific/Apia', 'UTC']))
  expect(zones).toHaveLength(new Set([...Intl.supportedValuesOf('timeZone'), 'UTC']).size)
  expect(new Set(zones).size).toBe(zones.length)
  expect(timeZoneGroups(undefined, 'Other').map(({ label }) => label)).toEqual([
    'Africa',
    'America',
    'Antarctica',
    'Arctic',
    'Asia',
    'Atlantic',
    'Australia',
    'Europe',
    'Indian',
    'Pacific',
    'Other',
  ])
})

test.each(['Europe/Paris', 'Asia/Kolkata', 'Asia/Calcutta', 'US/Pacific', 'UTC', 'Etc/GMT+3', 'CET'])(
  'the reader’s zone is the chosen one, even under an old name: %s',
  chosen => {
    expect(zonesOf(chosen).filter(({ isChosen }) => isChosen)).toMatchObject([{ zone: chosen }])
  },
)

test('zones have their present names, which mean the same to the runtime', () => {
  const zones = zonesOf(undefined).map(({ zone }) => zone)
  const renamed = ['Asia/Kolkata', 'Europe/Kyiv', 'America/Nuuk', 'Asia/Ho_Chi_Minh', 'Pacific/Kanton']
  expect(zones).toEqual(expect.arrayContaining(renamed))
  expect(zones).not.toContain('Asia/Calcutta')
  const meant = zones.map(timeZone => new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone)
  expect(new Set(meant)).toEqual(new Set([...Intl.supportedValuesOf('timeZone'), 'UTC']))
})

test('without a choice no zone is marked as chosen', () => {
  expect(zonesOf(undefined).filter(({ isChosen }) => isChosen)).toEqual([])
})

test('a label is readable for people', () => {
  const labels = new Map(zonesOf(undefined).map(({ zone, label }) => [zone, label]))
  expect(labels.get('America/New_York')).toBe('New York')
  expect(labels.get('America/Argentina/San_Juan')).toBe('Argentina – San Juan')
})
