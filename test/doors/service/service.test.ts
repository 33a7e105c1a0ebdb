import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, expect, test, vi } from 'vitest'
import { createApp } from '../../../src/app.ts'
import { serve } from '../../../src/doors/service/service.ts'
import { configSchema } from '../../../src/ground/config/schema.ts'
import { MINUTE } from '../../../src/ground/durations.ts'
import { openEmbeddedDatabase } from '../../embedded/database.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

afterEach(() => void vi.useRealTimers())

test('what somebody begins after a quiet minute is taken up at once, not at the next look', {
  timeout: 30_000,
}, async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  await using database = await openEmbeddedDatabase(temporaryFolder())
  const config = configSchema.parse({
    publicUrl: 'https://quarantine.example.com',
    storage: { url: database.url },
    smtp: { url: 'smtp://127.0.0.1:1', from: 'quarantine@example.com' },
    http: { host: '127.0.0.1', port: 0 },
    links: { keyFile: join(temporaryFolder(), 'token.keys') },
  })
  const log = pino({ level: 'silent' })
  await using app = await createApp(config, { log, clock: Date.now })
  const looks = { offerDue: 0, workOnBulks: 0, sweepRequests: 0 }
  const counting = {
    ...app,
    offerDue: () => counted('offerDue', app.offerDue()),
    workOnBulks: (signal: AbortSignal) => counted('workOnBulks', app.workOnBulks(signal)),
    sweepRequests: (signal: AbortSignal) => counted('sweepRequests', app.sweepRequests(signal)),
  }
  async function counted<Found>(name: keyof typeof looks, look: Promise<Found>): Promise<Found> {
    const found = await look
    vi.advanceTimersByTime(2 * MINUTE)
    looks[name] += 1
    return found
  }
  const stop = new AbortController()
  const { promise: port, resolve: onReady } = Promise.withResolvers<number>()
  const deps = { app: counting, config, log, clock: Date.now, tellsFindings: false }
  const served = serve({ ...deps, onReady: http => onReady(http.port) }, stop.signal)
  const url = `http://127.0.0.1:${await port}/api/v1/runs`
  const haveLooked = (times: number) => Object.values(looks).every(looked => looked >= times)
  await expect.poll(() => haveLooked(1), { timeout: 20_000 }).toBe(true)

  const actor = { kind: 'admin', name: 'root', remoteAddress: null } as const
  const { text } = await app.apiKeys.make(actor, { name: 'panel', scopes: ['write'], domains: undefined })
  const post = (authorization: string) =>
    fetch(url, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{"recipients":["alice@example.com"]}',
    })
  expect((await post('Bearer nobody')).status).toBe(401)
  expect((await post(`Bearer ${text}`)).status).toBe(202)
  // By themselves, they would look again after 6, 3 and 10 s.
  await expect.poll(() => haveLooked(2), { timeout: 5000 }).toBe(true)
  stop.abort()
  await served
})
