import { expect, test } from 'vitest'
import { FOREVER, type SettingFields } from '../../../src/rules/settings/setting-fields.ts'
import { changeOfWish, type SettingsWish } from '../../../src/rules/settings/settings-wish.ts'

const ALICE = 'alice@example.com'

/** The change that fulfils a wish, with the given settings in effect. */
function changeFor(
  wish: SettingsWish,
  current: Readonly<Record<string, Partial<SettingFields>>> = {},
  scope = ALICE,
) {
  const rows = new Map(Object.entries(current).map(([name, fields]) => [name, { ...NOTHING, ...fields }]))
  const change = changeOfWish(wish, { scope, rows, standard: { language: 'en', timeZone: 'UTC' } })
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
}

const NOTHING: SettingFields = {
  schedules: null,
  language: null,
  timeZone: null,
  deliverTo: null,
  pausedUntil: null,
  enabled: null,
  locked: null,
  phrase: null,
  copyTo: null,
  leaveOutBlocked: null,
}

test('the parts of a wish that depend on nothing stay as they are', () => {
  const change = { schedules: ['daily'], language: null, pausedUntil: FOREVER, locked: ['pause'] } as const
  expect(changeFor(change)).toEqual(change)
  expect(changeFor({ language: undefined })).toEqual({})
})

test('fields are locked and unlocked in addition to the locks in effect, whichever scope sets them', () => {
  expect(changeFor({ lock: ['pause'] })).toEqual({ locked: ['deliverTo', 'pause'] })
  const wide = { '@example.com': { locked: ['schedules', 'language'] } } as const
  expect(changeFor({ lock: ['pause'], unlock: ['schedules'] }, wide)).toEqual({
    locked: ['language', 'pause'],
  })
  const own = { ...wide, [ALICE]: { locked: [] } }
  expect(changeFor({ lock: ['language'] }, own)).toEqual({ locked: ['language'] })
  expect(changeFor({ unlock: ['language'] }, own)).toEqual({ locked: [] })
})

test('a pause ends by the time zone in effect after the change', () => {
  const pauseUntil = (zone: string) => ['UTC', 'Asia/Tokyo', 'Europe/Paris', 'Europe/Rome'].indexOf(zone)
  const current = { [ALICE]: { timeZone: 'Europe/Rome' }, '@': { timeZone: 'Asia/Tokyo' } }
  expect(changeFor({ pauseUntil })).toEqual({ pausedUntil: 0 })
  expect(changeFor({ pauseUntil }, current)).toEqual({ pausedUntil: 3 })
  expect(changeFor({ pauseUntil, timeZone: 'europe/paris' }, current)).toMatchObject({ pausedUntil: 2 })
  expect(changeFor({ pauseUntil, timeZone: null }, current)).toMatchObject({ pausedUntil: 1 })
  expect(changeFor({ pauseUntil, timeZone: null }, current, '@')).toMatchObject({ pausedUntil: 0 })
  expect(changeFor({ pauseUntil, timeZone: 'Mars/Phobos' }, current)).toMatchObject({ pausedUntil: 3 })
})

test('a time zone for the case that none is set gives way to one of the scope or of a wider one', () => {
  const wish = { timeZoneIfNone: 'Asia/Tokyo' }
  expect(changeFor(wish)).toEqual({ timeZone: 'Asia/Tokyo' })
  expect(changeFor(wish, { [ALICE]: { language: 'de' } })).toEqual({ timeZone: 'Asia/Tokyo' })
  for (const scope of [ALICE, '@example.com', '@']) {
    expect(changeFor(wish, { [scope]: { timeZone: 'UTC' } }), scope).toEqual({})
  }
})
