import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { DAY } from '../../../src/ground/durations.ts'
import { bySameClocks } from '../../../src/rules/time/same-clocks.ts'

const MARCH = Date.UTC(2026, 2, 11, 9)

test('zones are together as long as their clocks agree', async () => {
  const zones = ['Europe/Paris', 'Africa/Algiers', 'Europe/Berlin', 'Asia/Tokyo']
  expect(await bySameClocks(zones, MARCH, MARCH + 7 * DAY)).toEqual([
    ['Europe/Paris', 'Africa/Algiers', 'Europe/Berlin'],
    ['Asia/Tokyo'],
  ])
  expect(await bySameClocks(zones, MARCH, MARCH + 31 * DAY)).toEqual([
    ['Europe/Paris', 'Europe/Berlin'],
    ['Africa/Algiers'],
    ['Asia/Tokyo'],
  ])
})

test('other work goes on between any two zones', async () => {
  const zones = ['Europe/Paris', 'Asia/Tokyo', 'America/Lima', 'Africa/Cairo']
  let isDone = false
  const grouped = bySameClocks(zones, MARCH, MARCH + 31 * DAY).finally(() => {
    isDone = true
  })
  for (let turn = 1; turn < zones.length; turn += 1) {
    await setImmediate()
    expect(isDone).toBe(false)
  }
  await grouped
})
