import { expect, onTestFinished, test, vi } from 'vitest'
import { createWatched, type Watched } from '../../../src/ground/health/watched.ts'
import { manualClock } from '../../embedded/clock.ts'
import { readableLog } from '../../log-lines.ts'

test('the first who asks waits for the first look; others see what was seen last', async () => {
  const { part, probes } = scripted()
  expect(await Promise.all([part.state(), part.state()])).toEqual([
    { part: 'smtp', code: undefined },
    { part: 'smtp', code: undefined },
  ])
  await part.state()
  expect(probes()).toBe(1)
})

test('what fails at the first look is away, and so is what cannot even be looked at', async () => {
  const { part } = scripted({ fault: 'connect ECONNREFUSED 192.0.2.25:25' })
  expect(await part.state()).toEqual({ part: 'smtp', code: 'SMTP_UNREACHABLE' })
  const broken = scripted({ probe: () => Promise.reject(new Error('no such file')) })
  expect(await broken.part.state()).toEqual({ part: 'smtp', code: 'SMTP_UNREACHABLE' })
})

test('its work shows that it is there, or away, without a look', async () => {
  const { part, probes } = scripted()
  part.missed('connection refused')
  expect(await part.state()).toMatchObject({ code: 'SMTP_UNREACHABLE' })
  part.seen()
  expect(await part.state()).toMatchObject({ code: undefined })
  expect(probes()).toBe(0)
})

test('it is looked for when nothing has been seen of it for a while, and not before', async () => {
  const { part, probes, time, script, someTicks } = scripted()
  watch(part)
  await expect.poll(probes).toBe(1)
  time.now += EVERY - 1
  part.seen()
  time.now += EVERY - 1
  await someTicks()
  expect(probes()).toBe(1)
  script.fault = 'away'
  time.now += 1
  await expect.poll(probes).toBe(2)
  expect(await part.state()).toMatchObject({ code: 'SMTP_UNREACHABLE' })
  script.fault = undefined
  time.now += EVERY
  await expect.poll(async () => (await part.state()).code).toBe(undefined)
})

test('a doubt makes for a look at once', async () => {
  const { part, probes, script } = scripted({ every: 3_600_000 })
  watch(part)
  await expect.poll(probes).toBe(1)
  script.fault = 'away'
  part.doubted()
  await expect.poll(probes).toBe(2)
  expect(await part.state()).toMatchObject({ code: 'SMTP_UNREACHABLE' })
})

test('doubts make for no more looks while it is known to be away', async () => {
  const { part, probes, someTicks } = scripted({ fault: 'away' })
  watch(part)
  await expect.poll(probes).toBe(1)
  for (let doubt = 0; doubt < 20; doubt += 1) part.doubted()
  await someTicks()
  expect(probes()).toBe(1)
})

test('the end of the watch is waited for', async () => {
  const { part } = scripted()
  const stop = new AbortController()
  const watching = part.watch(stop.signal)
  stop.abort()
  await watching
})

test('that it is away and that it is back is logged once each', async () => {
  const { part, lines } = scripted()
  for (const happens of [part.seen, part.seen]) happens()
  for (let time = 0; time < 3; time += 1) part.missed('421 too busy')
  for (const happens of [part.seen, part.seen]) happens()
  expect(lines.map(line => JSON.parse(line))).toMatchObject([
    { level: 40, part: 'smtp', reply: '421 too busy', msg: 'a part is away' },
    { level: 30, part: 'smtp', msg: 'a part is back' },
  ])
})

/** Milliseconds: of the watch's own timer, and of the clock that a test sets. */
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
  const part = createWatched({ part: 'smtp', code: 'SMTP_UNREACHABLE', probe, every, clock, log })
  // At each tick it asks what time it is.
  const someTicks = () => {
    clock.mockClear()
    return expect.poll(() => clock.mock.calls.length).toBeGreaterThan(3)
  }
  return { part, script, lines, time, someTicks, probes: () => probe.mock.calls.length }
}

/** Until the end of the test. */
function watch(part: Watched): void {
  const stop = new AbortController()
  const watching = part.watch(stop.signal)
  onTestFinished(() => {
    stop.abort()
    return watching
  })
}
