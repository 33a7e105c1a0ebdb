import { expect, onTestFinished, test, vi } from 'vitest'
import { HOUR } from '../../../src/ground/durations.ts'
import { createWatchedPart, type WatchedPart } from '../../../src/ground/health/watched-part.ts'
import { manualClock } from '../../embedded/clock.ts'
import { readableLog } from '../../log-lines.ts'

test('the first callers wait for the first probe, and later ones get the last known state', async () => {
  const { part, probes } = scripted()
  expect(await Promise.all([part.state(), part.state()])).toEqual([
    { part: 'smtp', code: undefined },
    { part: 'smtp', code: undefined },
  ])
  await part.state()
  expect(probes()).toBe(1)
})

test('a part is down if its first probe reports a fault or throws', async () => {
  const { part } = scripted({ fault: 'connect ECONNREFUSED 192.0.2.25:25' })
  expect(await part.state()).toEqual({ part: 'smtp', code: 'SMTP_UNREACHABLE' })
  const broken = scripted({ probe: () => Promise.reject(new Error('no such file')) })
  expect(await broken.part.state()).toEqual({ part: 'smtp', code: 'SMTP_UNREACHABLE' })
})

test('its work shows whether it is up, without a probe', async () => {
  const { part, probes } = scripted()
  part.notReached('connection refused')
  expect(await part.state()).toMatchObject({ code: 'SMTP_UNREACHABLE' })
  part.answered()
  expect(await part.state()).toMatchObject({ code: undefined })
  expect(probes()).toBe(0)
})

test('it is probed when it has not been heard from for a while, and not before', async () => {
  const { part, probes, time, script, someTicks } = scripted()
  watch(part)
  await expect.poll(probes).toBe(1)
  time.now += EVERY - 1
  part.answered()
  time.now += EVERY - 1
  await someTicks()
  expect(probes()).toBe(1)
  script.fault = 'down'
  time.now += 1
  await expect.poll(probes).toBe(2)
  expect(await part.state()).toMatchObject({ code: 'SMTP_UNREACHABLE' })
  script.fault = undefined
  time.now += EVERY
  await expect.poll(async () => (await part.state()).code).toBe(undefined)
})

test('a suspicion causes a probe at once', async () => {
  const { part, probes, script } = scripted({ every: HOUR })
  watch(part)
  await expect.poll(probes).toBe(1)
  script.fault = 'down'
  part.suspected()
  await expect.poll(probes).toBe(2)
  expect(await part.state()).toMatchObject({ code: 'SMTP_UNREACHABLE' })
})

test('suspicions cause no more probes while it is known to be down', async () => {
  const { part, probes, someTicks } = scripted({ fault: 'down' })
  watch(part)
  await expect.poll(probes).toBe(1)
  for (let count = 0; count < 20; count += 1) part.suspected()
  await someTicks()
  expect(probes()).toBe(1)
})

test('whoever needs to know asks for word that is recent enough', async () => {
  const { part, probes, time, script } = scripted({ every: HOUR })
  expect(await part.fault(1_000)).toBe(undefined)
  time.now += 999
  script.fault = 'down'
  expect(await part.fault(1_000)).toBe(undefined)
  expect(probes()).toBe(1)
  time.now += 1
  expect(await Promise.all([part.fault(1_000), part.fault(1_000)])).toEqual(['down', 'down'])
  expect(probes()).toBe(2)
})

test('the watch ends when it is stopped', async () => {
  const { part } = scripted()
  const stop = new AbortController()
  const watching = part.watch(stop.signal)
  stop.abort()
  await watching
})

test('an outage and its end are each logged once', async () => {
  const { part, lines } = scripted()
  for (let count = 0; count < 2; count += 1) part.answered()
  for (let count = 0; count < 3; count += 1) part.notReached('421 too busy')
  for (let count = 0; count < 2; count += 1) part.answered()
  expect(lines.map(line => JSON.parse(line))).toMatchObject([
    { level: 40, part: 'smtp', reply: '421 too busy', msg: 'a part is down' },
    { level: 30, part: 'smtp', msg: 'a part is up again' },
  ])
})

/** Milliseconds, both for the timer of the watch and for the clock that a test sets. */
const EVERY = 20

function scripted(
  options: { fault?: string; every?: number; probe?: () => Promise<string | undefined> } = {},
) {
  const { log, lines } = readableLog()
  const script: { fault: string | undefined } = { fault: options.fault }
  const time = manualClock()
  const probe = vi.fn(options.probe ?? (async () => script.fault))
  const every = options.every ?? EVERY
  const clock = vi.fn(time.clock)
  const part = createWatchedPart({ part: 'smtp', code: 'SMTP_UNREACHABLE', probe, every, clock, log })
  // It reads the clock at each tick.
  const someTicks = () => {
    clock.mockClear()
    return expect.poll(() => clock.mock.calls.length).toBeGreaterThan(3)
  }
  return { part, script, lines, time, someTicks, probes: () => probe.mock.calls.length }
}

/** Watches the part until the end of the test. */
function watch(part: WatchedPart): void {
  const stop = new AbortController()
  const watching = part.watch(stop.signal)
  onTestFinished(() => {
    stop.abort()
    return watching
  })
}
