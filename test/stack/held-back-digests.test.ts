import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { freePort } from '../servers/ports.ts'
import { waitUntil } from '../servers/wait.ts'
import { digestFor } from './digest-mail.ts'
import { FORM, follow, JSON_ONLY } from './follow.ts'
import { hold, runJson, startWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld({ amavisd: { extra: `$myhostname = 'mx1.example.com';` } })
})
beforeEach(() => world.reset())
afterAll(() => world?.[Symbol.asyncDispose]())

const nowhere = async () => `tcp://127.0.0.1:${await freePort()}`
const here = () => `tcp://127.0.0.1:${world.amavisd.amPdpPort}`

test.each([
  ['nobody listens', nowhere, 'ECONNREFUSED'],
  ['an SMTP server listens', async () => `tcp://127.0.0.1:${world.mta.port}`, 'SMTP port'],
])('run sends no digest where %s at release.via, says why, and ends with 1', async (_, via, reason) => {
  await hold(world, 'alice@example.com', { subject: 'Patient' })
  const program = await world.configure({ release: { via: await via() } })
  const { status, stdout, stderr } = await program.command('run', '--json')
  expect(status).toBe(1)
  expect(JSON.parse(stdout)).toEqual({ digests: 1, items: 1, sent: 0, failed: 0, heldBack: 1 })
  expect(stderr).toMatch(/^amavis-digest: amavisd cannot be asked to release/m)
  expect(stderr).toContain('delivery.withoutRelease: true')
  expect(stderr).toContain(reason)
  expect(world.digests.mails).toEqual([])
  expect((await program.command('status', '--json')).stdout).toContain(
    'held back, because amavisd cannot be asked',
  )

  // Nothing is lost: the same digest goes out with the next run.
  expect(await runJson(world.program)).toMatchObject({ sent: 1 })
  expect(digestFor(world.digests.mails, 'alice@example.com').release('Patient')).toContain('/release/')
})

test('serve holds digests back, is not ready, says so once, and sends them soon after amavisd is back', async () => {
  const program = await world.configure({ health: { every: '1s' } })
  await using service = await program.serve()
  await hold(world, 'alice@example.com', { subject: 'Patient' })
  await world.amavisd.stop()
  // Whoever of the two has the digest in hand.
  const run = await program.command('run', '--json')
  expect(run.status).toBe(1)
  expect(JSON.parse(run.stdout)).toMatchObject({ sent: 0, failed: 0, heldBack: 1 })
  expect(run.stderr).toContain('amavisd cannot be asked to release')
  await waitUntil('it to be held back', () => service.log().includes('digests are held back'))
  expect(await readiness()).toMatchObject({
    status: 503,
    json: { reasons: ['amavisd: AMAVISD_UNREACHABLE'] },
  })
  expect(service.log().match(/digests are held back/g)).toHaveLength(1)
  expect(world.digests.mails).toEqual([])

  await world.amavisd.start()
  await waitUntil('the digest', () => world.digests.mails.length === 1, { timeout: 30_000 })
  const { release } = digestFor(world.digests.mails, 'alice@example.com')
  const click = await follow(service, release('Patient'), {
    method: 'POST',
    headers: { ...JSON_ONLY, ...FORM },
  })
  expect(click).toMatchObject({ status: 200, json: { status: 'released' } })

  function readiness() {
    return follow(service, `${service.url}/readyz`, { headers: JSON_ONLY })
  }
})

test('run waits for an amavisd that is just starting again', async () => {
  await hold(world, 'alice@example.com')
  await world.amavisd.stop()
  const run = world.program.command('run', '--json')
  await waitUntil('the digest to be made', async () => (await digestRows()).length === 1)
  await world.amavisd.start()
  const { status, stdout } = await run
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ digests: 1, sent: 1 })
})

test('delivery.withoutRelease sends digests all the same', async () => {
  await hold(world, 'alice@example.com')
  const program = await world.configure({
    release: { via: await nowhere() },
    delivery: { withoutRelease: true },
  })
  const { status, stderr } = await program.command('run')
  expect(status).toBe(0)
  expect(stderr).toContain('digests are sent although amavisd cannot be asked')
  expect(world.digests.mails).toHaveLength(1)
})

test('a digest without messages needs no amavisd', async () => {
  const program = await world.configure({ release: { via: await nowhere() }, policy: { spam: 'never' } })
  await hold(world, 'alice@example.com')
  expect(await runJson(program)).toMatchObject({ digests: 0, sent: 0 })
})

test('of several amavisd only those count that hold the messages of a digest', async () => {
  await hold(world, 'alice@example.com', { subject: 'Here' })
  const [away] = await hold(world, 'bob@example.com', { subject: 'Away' })
  await world.storage.query("UPDATE msgs SET host = 'mx2.example.com' WHERE mail_id = ?", [away.mail_id])
  const hosts = { 'mx1.example.com': here(), 'mx2.example.com': await nowhere() }
  const program = await world.configure({ release: { via: await nowhere(), hosts } })
  const { status, stdout } = await program.command('run', '--json')
  expect(status).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ digests: 2, sent: 1, heldBack: 1 })
  expect(world.digests.mails.flatMap(mail => mail.to)).toEqual(['alice@example.com'])
})

const digestRows = () => world.state.query('SELECT digest_id FROM digest_digest')
