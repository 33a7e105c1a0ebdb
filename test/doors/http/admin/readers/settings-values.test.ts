import { expect, test } from 'vitest'
import {
  readSettings,
  valuesOfSettings,
} from '../../../../../src/doors/http/admin/readers/settings-values.ts'
import { HOUR } from '../../../../../src/ground/durations.ts'
import { FOREVER, NOT_PAUSED } from '../../../../../src/rules/settings/setting-fields.ts'
import { NOW } from '../../../../embedded/clock.ts'

const ZONE = 'Asia/Tokyo'

const ownOf = (pausedUntil: number | null) => ({
  scope: 'alice@example.com',
  isCanonical: true,
  schedules: null,
  language: null,
  timeZone: null,
  deliverTo: null,
  pausedUntil,
  enabled: null,
  locked: null,
  phrase: null,
  copyTo: null,
  leaveOutBlocked: null,
  version: 1,
  updatedAt: NOW,
})

test.each([
  ['at a time of day', NOW + 1000 * HOUR + 1, NOW + 1000 * HOUR + 1],
  ['today', NOW + 1, NOW + 1],
  ['never', FOREVER, FOREVER],
  ['some time ago', NOW - 1, null],
  ['because somebody resumed', NOT_PAUSED, NOT_PAUSED],
  ['when the wider settings say', null, null],
])('a pause that ends %s is kept when the form is saved unchanged', (_, current, saved) => {
  const values = valuesOfSettings(ownOf(current), NOW, ZONE)
  expect(readSettings(values, NOW, ZONE, current)).toMatchObject({
    change: { pausedUntil: saved },
    faults: [],
  })
})

test.each([
  [null, '', false],
  [[], '', true],
  [['a@example.com', 'b@example.com'], 'a@example.com, b@example.com', false],
])('addresses for copies (%j) are kept when the form is saved unchanged', (copyTo, text, isNone) => {
  const values = valuesOfSettings({ ...ownOf(null), copyTo }, NOW, ZONE)
  expect(values).toMatchObject({ copyTo: text, noCopies: isNone })
  expect(readSettings(values, NOW, ZONE, null).change.copyTo).toEqual(copyTo)
})

test('a pause that ended while the form was open is removed; a new day means its beginning', () => {
  const values = valuesOfSettings(ownOf(NOW + 1), NOW, ZONE)
  expect(readSettings(values, NOW + 2, ZONE, NOW + 1)).toMatchObject({ change: { pausedUntil: null } })
  const later = { ...values, pauseUntil: '2026-12-24' }
  const { change } = readSettings(later, NOW, ZONE, NOW + 1)
  expect(change.pausedUntil).toBe(Date.parse('2026-12-24T00:00+09:00'))
})
