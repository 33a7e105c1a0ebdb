import { expect, test } from 'vitest'
import { timeZoneGroups } from '../../src/http/time-zone-groups.ts'

const zonesOf = (chosen: string | undefined) => timeZoneGroups(chosen, 'Other').flatMap(({ zones }) => zones)

test('every zone that there is can be chosen, by its region; UTC too', () => {
  const zones = zonesOf(undefined).map(({ zone }) => zone)
  expect(zones).toEqual(expect.arrayContaining([...Intl.supportedValuesOf('timeZone'), 'UTC']))
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
  'the zone that holds is the one that is chosen, also by an older name: %s',
  chosen => {
    expect(zonesOf(chosen).filter(({ isChosen }) => isChosen)).toMatchObject([{ zone: chosen }])
  },
)

test('without a choice none is chosen', () => {
  expect(zonesOf(undefined).filter(({ isChosen }) => isChosen)).toEqual([])
})

test('a label is for people', () => {
  const labels = new Map(zonesOf(undefined).map(({ zone, label }) => [zone, label]))
  expect(labels.get('America/New_York')).toBe('New York')
  expect(labels.get('America/Argentina/San_Juan')).toBe('Argentina – San Juan')
})
