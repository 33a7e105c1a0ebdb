import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { freePort } from '../servers/ports.ts'
import { waitUntil } from '../servers/wait.ts'
import { follow, JSON_ONLY } from './follow.ts'
import type { Service } from './program.ts'
import { hold, startWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld({ settings: { health: { every: '1s' } } })
})
beforeEach(() => world.reset())
afterAll(() => world?.[Symbol.asyncDispose]())

test('/readyz reports when the SMTP server or amavisd is unreachable, and when it is back', async () => {
  await using service = await world.program.serve()
  await becomes(service, [])
  await world.digests.stop()
  await becomes(service, ['smtp: SMTP_UNREACHABLE'])
  await world.amavisd.stop()
  await becomes(service, ['smtp: SMTP_UNREACHABLE', 'amavisd: AMAVISD_UNREACHABLE'])
  await world.digests.start()
  await becomes(service, ['amavisd: AMAVISD_UNREACHABLE'])
  await world.amavisd.start()
  await becomes(service, [])
  expect(service.log()).toContain('"msg":"a part is up again"')
  // The log has the reason.
  expect(service.log()).toMatch(/"part":"smtp","reply":"[^"]*ECONNREFUSED[^"]*","msg":"a part is down"/)
})

test('the first answer is already correct, and a failed digest updates it before the next probe', async () => {
  const program = await world.configure({ health: { every: '1h' } })
  await using service = await program.serve()
  expect(await readiness(service)).toEqual([])
  await world.digests.stop()
  await hold(world, 'alice@example.com')
  await world.program.command('run')
  await world.storage.query('UPDATE digest_digest SET next_attempt_at = 0')
  await becomes(service, ['smtp: SMTP_UNREACHABLE'])
  await world.digests.start()
})

test('one unreachable amavisd of several makes the service not ready', async () => {
  const hosts = { 'mx2.example.com': `tcp://127.0.0.1:${await freePort()}` }
  const release = { via: `tcp://127.0.0.1:${world.amavisd.amPdpPort}`, hosts }
  await using service = await (await world.configure({ release })).serve()
  await becomes(service, ['amavisd: AMAVISD_UNREACHABLE'])
})

test('an amavisd that is probed every second keeps working without trouble', async () => {
  await using service = await world.program.serve()
  await becomes(service, [])
  const [held] = await hold(world, 'alice@example.com')
  const released = await world.program.command('release', held.mail_id, '--recipient', 'alice@example.com')
  expect(released.status).toBe(0)
  expect(world.amavisd.log()).not.toMatch(/TROUBLE|child.*died/i)
})

/** The reasons that /readyz gives. */
async function readiness(service: Service): Promise<unknown> {
  const { status, json } = await follow(service, `${service.url}/readyz`, { headers: JSON_ONLY })
  expect(json).toMatchObject({ status: status === 200 ? 'ready' : 'not-ready' })
  return json?.reasons ?? []
}

const becomes = (service: Service, reasons: readonly string[]) =>
  waitUntil(`the reasons [${reasons}]`, async () => String(await readiness(service)) === String(reasons))
