import { expect, test } from 'vitest'
import { SECOND } from '../../../src/ground/durations.ts'
import { createSmtpOutage } from '../../../src/ground/mail/smtp-outage.ts'
import { manualClock } from '../../embedded/clock.ts'
import { scriptedMailer } from '../../embedded/scripted-mailer.ts'

/** A server that is away until the test lets it come back, and a count of the probes. */
function serverThatIsAway() {
  const time = manualClock()
  const server = { isAway: true, probes: 0 }
  const probe = async () => {
    server.probes += 1
    return server.isAway ? 'connect ECONNREFUSED' : undefined
  }
  return { time, server, outage: createSmtpOutage({ ...scriptedMailer(), probe }, time.clock, () => 0) }
}

test('a server that nobody has missed is there, and is not asked', async () => {
  const { outage, server } = serverThatIsAway()
  expect(await outage.isOver()).toBe(true)
  expect(server.probes).toBe(0)
})

test('a server that is away is probed more and more seldom, once a minute at last', async () => {
  const { outage, server, time } = serverThatIsAway()
  const start = time.now
  const probedAt: number[] = []
  outage.began()
  while (time.now < start + 240 * SECOND) {
    const before = server.probes
    expect(await outage.isOver()).toBe(false)
    if (server.probes > before) probedAt.push((time.now - start) / SECOND)
    time.now += SECOND
  }
  expect(probedAt).toEqual([2, 6, 14, 30, 62, 122, 182])
})

test('many who ask at once make one probe', async () => {
  const { outage, server, time } = serverThatIsAway()
  outage.began()
  time.now += 2 * SECOND
  const answers = await Promise.all(Array.from({ length: 50 }, () => outage.isOver()))
  expect(new Set(answers)).toEqual(new Set([false]))
  expect(server.probes).toBe(1)
})

test('once a probe has found it, work goes on; another outage begins anew', async () => {
  const { outage, server, time } = serverThatIsAway()
  outage.began()
  time.now += 2 * SECOND
  server.isAway = false
  expect(await outage.isOver()).toBe(true)
  server.isAway = true
  outage.began()
  outage.began()
  time.now += 2 * SECOND - 1
  expect(await outage.isOver()).toBe(false)
  expect(server.probes).toBe(1)
  time.now += 1
  expect(await outage.isOver()).toBe(false)
  expect(server.probes).toBe(2)
})

test('whoever waits for the end of an outage is let go by a stop', async () => {
  const { outage } = serverThatIsAway()
  outage.began()
  const stop = new AbortController()
  const waited = outage.waitUntilOver(stop.signal)
  stop.abort()
  await waited
})
