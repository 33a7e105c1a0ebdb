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
  expect(service.log()).toMatch(/"part":"smtp","reply":"[^"]*ECONNREFUSED[^"]*",.*"msg":"a part is down"/)
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

test('one unreachable amavisd of several makes the service not ready, and is named', async () => {
  const hosts = { 'mx2.example.com': await nowhere() }
  const release = { via: `tcp://127.0.0.1:${world.amavisd.amPdpPort}`, hosts }
  await using service = await (await world.configure({ release })).serve()
  await becomes(service, ['amavisd mx2.example.com: AMAVISD_UNREACHABLE'])
  const metrics = await follow(service, `${service.url}/metrics`)
  expect(metrics.text).toContain('amavis_digest_up{part="amavisd",host="mx2.example.com"} 0')
})

test('an amavisd behind release.via counts once a message needs it, after a restart too', async () => {
  const hosts = { 'MX1.example.com': `tcp://127.0.0.1:${world.amavisd.amPdpPort}` }
  const program = await world.configure({ release: { via: await nowhere(), hosts }, health: { every: '1s' } })
  const [held] = await hold(world, 'alice@example.com')
  const heldBy = (host: string) =>
    world.storage.query('UPDATE msgs SET host = ? WHERE mail_id = ?', [host, held.mail_id])
  await heldBy('mx1.example.com.')
  {
    await using service = await program.serve()
    await becomes(service, [])
    await heldBy('mx3.example.com')
    await becomes(service, ['amavisd mx3.example.com: AMAVISD_UNREACHABLE'])
  }
  await using service = await program.serve()
  await becomes(service, ['amavisd mx3.example.com: AMAVISD_UNREACHABLE'])
})

test('an SMTP server where amavisd’s AM.PDP port should be is seen before anybody clicks', async () => {
  for (const port of [world.mta.port, world.amavisd.smtpPort]) {
    const program = await world.configure({ release: { via: `tcp://127.0.0.1:${port}` } })
    await using service = await program.serve()
    await becomes(service, ['amavisd: AMAVISD_UNREACHABLE'])
    expect(service.log()).toContain('This is an SMTP port, not an AM.PDP port: see release.via')
    expect(world.mta.mails).toEqual([])
  }
})

test('monitoring has a listener of its own, if one is configured', async () => {
  const port = await freePort()
  await using service = await (await world.configure({ watch: { port } })).serve()
  const at = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
  await waitUntil('it to be ready', async () => (await at('/readyz')).status === 200)
  expect(await (await at('/metrics')).text()).toContain('amavis_digest_up{part="storage"} 1')
  expect((await at('/healthz')).status).toBe(200)
  expect((await at('/release/x')).status).toBe(404)
  const publicly = (path: string) => follow(service, `${service.url}${path}`)
  expect(await publicly('/healthz')).toMatchObject({ status: 200 })
  expect(await publicly('/readyz')).toMatchObject({ status: 404 })
  expect(await publicly('/metrics')).toMatchObject({ status: 404 })
})

test('a port that is taken for monitoring is named at the start', async () => {
  const program = await world.configure({ watch: { port: world.digests.port } })
  const { status, stderr } = await program.command('serve')
  expect(status).toBe(1)
  expect(stderr).toContain('See watch.host and watch.port.')
})

test('an amavisd that is probed every second keeps working without trouble', async () => {
  const amavisd = await world.addAmavisd({})
  const program = await world.configure({ release: { via: `tcp://127.0.0.1:${amavisd.amPdpPort}` } })
  await using service = await program.serve()
  await becomes(service, [])
  const [held] = await hold({ amavisd, storage: world.storage }, 'alice@example.com')
  const released = await program.command('release', held.mail_id, '--recipient', 'alice@example.com')
  expect(released.status).toBe(0)
  expect(amavisd.log()).not.toMatch(/TROUBLE|FAILED|child.*died/i)
})

/** Nobody listens there. */
const nowhere = async () => `tcp://127.0.0.1:${await freePort()}`

/** The reasons that /readyz gives. */
async function readiness(service: Service): Promise<unknown> {
  const { status, json } = await follow(service, `${service.url}/readyz`, { headers: JSON_ONLY })
  expect(json).toMatchObject({ status: status === 200 ? 'ready' : 'not-ready' })
  return json?.reasons ?? []
}

const becomes = (service: Service, reasons: readonly string[]) =>
  waitUntil(`the reasons [${reasons}]`, async () => String(await readiness(service)) === String(reasons))
