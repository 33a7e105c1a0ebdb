import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { nextDueInAnyZone, nextDueInZone } from '../../../src/rules/schedule/next-of.ts'

const NINE = Date.UTC(2026, 2, 11, 9)
const at = (time: number | undefined) => time && new Date(time).toISOString()
const MORNINGS = { crons: ['0 7 * * *'], timeZone: 'reader' }

test('a schedule in each reader’s own time zone is due first where the day begins first', async () => {
  expect(at(nextDueInZone(MORNINGS, 'Asia/Tokyo', NINE))).toBe('2026-03-11T22:00:00.000Z')
  expect(at(nextDueInZone(MORNINGS, 'UTC', NINE))).toBe('2026-03-12T07:00:00.000Z')
  expect(at(await nextDueInAnyZone(MORNINGS, ['UTC', 'Asia/Tokyo'], NINE))).toBe('2026-03-11T22:00:00.000Z')
  expect(at(await nextDueInAnyZone({ ...MORNINGS, timeZone: 'UTC' }, ['Asia/Tokyo'], NINE))).toBe(
    '2026-03-12T07:00:00.000Z',
  )
})

test('a schedule that cannot be read is never due', async () => {
  expect(nextDueInZone({ crons: ['soon'], timeZone: 'reader' }, 'UTC', NINE)).toBeUndefined()
  expect(await nextDueInAnyZone({ ...MORNINGS, timeZone: 'Mars/Phobos' }, ['UTC'], NINE)).toBeUndefined()
  expect(await nextDueInAnyZone(MORNINGS, [], NINE)).toBeUndefined()
})

test('other work goes on between any two zones', async () => {
  const zones = ['Europe/Paris', 'Asia/Tokyo', 'America/Lima', 'Africa/Cairo']
  let isDone = false
  const calculated = nextDueInAnyZone(MORNINGS, zones, NINE).finally(() => {
    isDone = true
  })
  for (let turn = 1; turn < zones.length; turn += 1) {
    await setImmediate()
    expect(isDone).toBe(false)
  }
  await calculated
})
