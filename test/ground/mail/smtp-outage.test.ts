import { expect, test } from 'vitest'
import { SECOND } from '../../../src/ground/durations.ts'
import { createSmtpOutage } from '../../../src/ground/mail/smtp-outage.ts'
import { manualClock } from '../../embedded/clock.ts'
import { scriptedMailer } from '../../embedded/scripted-mailer.ts'

/** A server that is down until the test brings it back, and a count of the probes. */
function serverThatIsDown() {
  const time = manualClock()
  const server = { isDown: true, probes: 0 }
  const probe = async () => {
    server.probes += 1
    return server.isDown ? ({ code: 'SMTP_UNREACHABLE', reply: 'ECONNREFUSED' } as const) : undefined
  }
  return { time, server, outage: createSmtpOutage({ ...scriptedMailer(), probe }, time.clock, () => 0) }
}

test('a server without a reported outage counts as up and is not probed', async () => {
  const { outage, server } = serverThatIsDown()
  expect(await outage.isOver()).toBe(true)
  expect(server.probes).toBe(0)
})

test('a server that is down is probed at growing intervals, up to a minute', async () => {
  const { outage, server, time } = serverThatIsDown()
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

test('many callers at once share one probe', async () => {
  const { outage, server, time } = serverThatIsDown()
  outage.began()
  time.now += 2 * SECOND
  const answers = await Promise.all(Array.from({ length: 50 }, () => outage.isOver()))
  expect(new Set(answers)).toEqual(new Set([false]))
  expect(server.probes).toBe(1)
})

test('once a probe has succeeded, the outage is over; the next outage begins with the first interval', async () => {
  const { outage, server, time } = serverThatIsDown()
  outage.began()
  time.now += 2 * SECOND
  server.isDown = false
  expect(await outage.isOver()).toBe(true)
  server.isDown = true
  outage.began()
  outage.began()
  time.now += 2 * SECOND - 1
  expect(await outage.isOver()).toBe(false)
  expect(server.probes).toBe(1)
  time.now += 1
  expect(await outage.isOver()).toBe(false)
  expect(server.probes).toBe(2)
})

test('an abort ends the wait for the end of an outage', async () => {
  const { outage } = serverThatIsDown()
  outage.began()
  const stop = new AbortController()
  const waited = outage.waitUntilOver(stop.signal)
  stop.abort()
  await waited
})
