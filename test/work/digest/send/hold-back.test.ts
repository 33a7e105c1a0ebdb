import { expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../../../src/ground/durations.ts'
import { createHoldBack, lookAgainAt } from '../../../../src/work/digest/send/hold-back.ts'
import { manualClock, NOW } from '../../../embedded/clock.ts'
import { readableLog } from '../../../log-lines.ts'

test('the hosts of a digest’s messages decide, and nothing is asked for a digest without messages', async () => {
  const { holdBack, asked, away } = scripted()
  away.add('mx2')
  expect(await holdBack().reasonFor(['mx1'])).toBe(undefined)
  expect(await holdBack().reasonFor(['mx1', 'mx2'])).toMatch(/^held back, .*: mx2 is away$/)
  asked.length = 0
  expect(await holdBack().reasonFor([])).toBe(undefined)
  expect(asked).toEqual([])
})

test('an outage is logged as an error, now and then', async () => {
  const { holdBack, away, time, lines } = scripted()
  away.add('mx1')
  const held = holdBack()
  for (let count = 0; count < 20; count += 1) {
    time.now += MINUTE
    await held.reasonFor(['mx1'])
  }
  expect(lines.map(line => JSON.parse(line))).toMatchObject([
    { level: 50, reply: 'mx1 is away' },
    { level: 50 },
  ])
})

test('withoutRelease holds nothing back, and warns', async () => {
  const { holdBack, away, lines } = scripted()
  away.add('mx1')
  const held = holdBack(true)
  expect(await held.reasonFor(['mx1'], HOUR)).toBe(undefined)
  expect(await held.reasonFor(['mx1'])).toBe(undefined)
  expect(lines.map(line => JSON.parse(line))).toMatchObject([{ level: 40 }])
})

test('after a short outage the digest is looked at again soon, after a long one within minutes', () => {
  expect(lookAgainAt(NOW, NOW)).toBe(NOW + 5 * SECOND)
  expect(lookAgainAt(NOW, NOW + 4 * MINUTE)).toBe(NOW + 5 * MINUTE)
  expect(lookAgainAt(NOW, NOW + 12 * HOUR)).toBe(NOW + 12 * HOUR + 5 * MINUTE)
})

function scripted() {
  const { log, lines } = readableLog()
  const time = manualClock()
  const asked: string[] = []
  const away = new Set<string>()
  const holdBack = (withoutRelease = false) =>
    createHoldBack({
      faultAt: async host => {
        asked.push(host)
        return away.has(host) ? `${host} is away` : undefined
      },
      withoutRelease,
      clock: time.clock,
      log,
    })
  return { holdBack, asked, away, time, lines }
}
