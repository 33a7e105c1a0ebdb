import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/ground/durations.ts'
import { lastDue } from '../../../src/rules/time/due-times.ts'
import { createLastDue } from '../../../src/rules/time/last-due.ts'

const NOW = Date.UTC(2026, 2, 27, 5)

test('a kept answer always equals a fresh calculation, even when the clock is put back', async () => {
  const remembered = createLastDue()
  const all = [['0 6 * * *'], ['*/20 * * * *', '0 7 * * 1'], ['30 2 * * *'], ['0 0 29 2 1']]
  // Includes the change of clocks in Paris.
  const walk = Array.from({ length: 400 }, (_, index) => NOW + index * 17 * MINUTE)
  const back = [NOW + 50, NOW - 30 * MINUTE, NOW - 40 * 24 * 60 * MINUTE, NOW]
  for (const now of [...walk, ...back]) {
    for (const crons of all) {
      for (const timeZone of ['Europe/Paris', 'Asia/Tokyo']) {
        expect(await remembered({ crons, timeZone }, now)).toBe(lastDue({ crons, timeZone }, now))
      }
    }
  }
})

test('other work goes on between two calculations, and none is repeated before the next due time', async () => {
  const remembered = createLastDue()
  const zones = Intl.supportedValuesOf('timeZone').slice(0, 60)
  const turnsAt = (now: number) =>
    turnsDuring(async () => {
      for (const timeZone of zones) await remembered({ crons: ['0 6 * * *'], timeZone }, now)
    })
  expect(await turnsAt(NOW)).toBeGreaterThanOrEqual(zones.length)
  expect(await turnsAt(NOW + 1)).toBeLessThan(2)
  // It is six o'clock in some of them.
  const turns = await turnsAt(NOW + 60 * MINUTE)
  expect(turns).toBeGreaterThan(2)
  expect(turns).toBeLessThan(zones.length)
})

test('an unreadable time zone throws each time', async () => {
  const remembered = createLastDue()
  for (const timeZone of ['Moon/Base', 'Moon/Base'])
    await expect(remembered({ crons: ['0 6 * * *'], timeZone }, NOW)).rejects.toThrow()
})

/** How often the event loop turned during the work. */
async function turnsDuring(work: () => Promise<void>): Promise<number> {
  let turns = 0
  let isOver = false
  const counter = (async () => {
    for (; !isOver; turns += 1) await setImmediate()
  })()
  await work()
  isOver = true
  const found = turns
  await counter
  return found
}
