import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { heldRows } from '../servers/held.ts'
import { afterRelease, startScriptedServer } from '../servers/scripted-server.ts'
import { waitUntil } from '../servers/wait.ts'
import { FORM, follow, JSON_ONLY } from './follow.ts'
import type { Service } from './program.ts'
import { type ServedWorld, startServedWorld } from './served-world.ts'

let world: ServedWorld

beforeAll(async () => {
  world = await startServedWorld()
})
beforeEach(() => world.reset())
afterAll(() => world?.[Symbol.asyncDispose]())

test('a click while amavisd is down is queued, and gives one copy when amavisd is back', async () => {
  const { release } = await world.digestOf('alice@example.com', { subject: 'Patient' })
  await world.amavisd.stop()
  const clicks = await Promise.all(Array.from({ length: 5 }, () => world.post(release('Patient'))))
  for (const click of clicks) expect(click).toMatchObject({ status: 202, json: { status: 'queued' } })
  expect(clicks.map(click => click.json?.code)).toContain('AMAVISD_UNREACHABLE')
  const page = await world.get(release('Patient'))
  expect(page.status).toBe(202)
  await world.amavisd.start()

  // amavisd is asked again after 5 s, then after another 10 s.
  await waitUntil('the released message', () => world.mta.mails.length > 0, { timeout: 15_000 })
  await untilReleased(release('Patient'))
  expect(world.mta.mails.map(mail => mail.to)).toEqual([['alice@example.com']])
  expect((await heldRows(world.storage)).map(row => row.rs)).toEqual(['R'])
  const rows = await world.audit()
  expect(rows.at(-1)).toMatchObject({ actor_kind: 'program', outcome: 'released', remote_address: null })
  expect(rows.filter(row => row.actor_kind === 'reader')).toHaveLength(5)
})

test.each([
  { away: 'is down', stop: () => world.mta.stop(), back: () => world.mta.start() },
  {
    away: 'answers 451',
    stop: async () => world.mta.answerRecipient('alice@example.com', '451 4.3.0 Try later'),
    back: async () => world.mta.recover(),
  },
])('a click while the mail server behind amavisd $away is queued, and gives one copy later', async outage => {
  const { release } = await world.digestOf('alice@example.com', { subject: 'Later' })
  await outage.stop()
  const click = await world.post(release('Later'))
  await outage.back()
  expect(click).toMatchObject({ status: 202, json: { status: 'queued', code: 'AMAVISD_DEFERRED' } })
  await untilReleased(release('Later'))
  expect(world.mta.mails.map(mail => mail.to)).toEqual([['alice@example.com']])
})

test('a release fails after a day of attempts, and may be requested again', async () => {
  const { release } = await world.digestOf('alice@example.com', { subject: 'Vain' })
  world.mta.answerRecipient('alice@example.com', '451 4.3.0 Try later')
  await world.post(release('Vain'))
  const day = 'UPDATE digest_release SET requested_at = requested_at - 25 * 3600000, next_attempt_at = 0'
  await world.storage.query(day)
  await waitUntil('the end', async () => (await world.get(release('Vain'))).status === 502)
  world.mta.recover()
  expect(await world.post(release('Vain'))).toMatchObject({ status: 200, json: { status: 'released' } })
})

test('a lost answer is reported as uncertain, and amavisd is asked again only on request', async () => {
  const silent = await startScriptedServer(afterRelease(socket => socket.destroy()))
  onTestFinished(() => silent[Symbol.asyncDispose]())
  const program = await world.configure({ release: { via: `tcp://127.0.0.1:${silent.port}` } })
  const { release } = await world.digestOf('alice@example.com', { subject: 'Unsure' })
  await using service = await program.serve()
  expect(await click(service, release('Unsure'))).toMatchObject({
    status: 502,
    json: { status: 'failed', code: 'RELEASE_UNCERTAIN' },
  })
  await releasesOnlyOnRequest(release('Unsure'))
})

test('a service that dies while it asks amavisd leaves a claim, and no second copy is sent by itself', async () => {
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const silent = await startScriptedServer(afterRelease(() => resolve()))
  onTestFinished(() => silent[Symbol.asyncDispose]())
  const program = await world.configure({ release: { via: `tcp://127.0.0.1:${silent.port}` } })
  const { release } = await world.digestOf('alice@example.com', { subject: 'Unsure' })
  const doomed = await program.serve()
  const lost = click(doomed, release('Unsure')).catch(() => undefined)
  await asked
  await doomed.kill()
  await lost
  // The claim still looks alive: the button would wait for its answer, and the page does not press it by itself.
  expect(await world.get(release('Unsure'), JSON_ONLY)).toMatchObject({
    status: 200,
    json: { status: 'held' },
  })
  expect((await world.get(release('Unsure'))).text).not.toContain('<script')
  // A minute passes, and the lease of the dead process expires.
  await world.storage.query('UPDATE digest_release SET lease_until = 0')
  await releasesOnlyOnRequest(release('Unsure'))
})

/** Neither time nor a plain click releases the message; a click with `again` does. */
async function releasesOnlyOnRequest(link: string): Promise<void> {
  const uncertain = { status: 502, json: { status: 'failed', code: 'RELEASE_UNCERTAIN' } }
  expect(await world.post(link)).toMatchObject(uncertain)
  expect(await world.get(link, JSON_ONLY)).toMatchObject(uncertain)
  expect((await world.get(link)).text).toMatch(/name="again"[^>]* value="yes"/)
  expect(world.mta.mails).toEqual([])
  expect(await world.post(link, 'again=yes')).toMatchObject({ status: 200, json: { status: 'released' } })
  expect(world.mta.mails.map(mail => mail.to)).toEqual([['alice@example.com']])
}

const click = (service: Service, link: string) =>
  follow(service, link, { method: 'POST', headers: { ...JSON_ONLY, ...FORM } })

const untilReleased = (link: string) =>
  waitUntil('the page to say so', async () => {
    const { json } = await world.get(link, JSON_ONLY)
    return json?.status === 'already-released'
  })
