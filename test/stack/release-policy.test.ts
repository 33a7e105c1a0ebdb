import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bannedMail, virusMail } from '../servers/samples.ts'
import { digestFor } from './digest-mail.ts'
import { FORM, follow } from './follow.ts'
import { nothingHappened, type ServedWorld, startServedWorld } from './served-world.ts'
import { hold } from './world.ts'

let world: ServedWorld

beforeAll(async () => {
  world = await startServedWorld()
})
beforeEach(() => world.reset())
afterAll(() => world?.[Symbol.asyncDispose]())

describe('the policy of a content type', () => {
  test('confirm: the first click asks for a confirmation, the second releases', async () => {
    const { release } = await world.digestOf('alice@example.com', { subject: 'Program', make: bannedMail })
    expect(await world.post(release('Program'))).toMatchObject({
      status: 403,
      json: { status: 'failed', code: 'CONFIRMATION_REQUIRED' },
    })
    const asked = await follow(world.service, release('Program'), { method: 'POST' })
    expect(asked.status).toBe(403)
    expect(asked.text).toMatch(/name="confirm"[^>]* value="yes"/)
    await nothingHappened(world)
    expect(await world.post(release('Program'), 'confirm=yes')).toMatchObject({
      status: 200,
      json: { status: 'released' },
    })
    expect(copies()).toEqual([['alice@example.com']])
  })

  test('never: a link that was sent under an earlier policy is refused, even if confirmed', async () => {
    const lenient = await world.configure({ policy: { virus: 'confirm' } })
    const [held] = await hold(world, 'alice@example.com', { subject: 'Virus', make: virusMail })
    await lenient.command('run')
    const { release } = digestFor(world.digests.mails, 'alice@example.com')
    expect(await world.post(release('Virus'), 'confirm=yes')).toMatchObject({
      status: 403,
      json: { status: 'failed', code: 'POLICY_REFUSED' },
    })
    expect(await world.get(release('Virus'))).toMatchObject({ status: 403 })
    const admin = await world.program.command('release', held.mail_id, '--recipient', 'alice@example.com')
    expect(admin.status).toBe(1)
    await nothingHappened(world)
  })
})

test.each([
  { 'sec-purpose': 'prefetch' },
  { 'sec-purpose': 'prefetch;prerender' },
  { purpose: 'prefetch' },
  { 'x-moz': 'prefetch' },
])('a prefetch (%o) releases and pauses nothing, and gets no page that would', async headers => {
  const { release, preferences } = await world.digestOf('alice@example.com', { subject: 'Ahead' })
  for (const request of [{ method: 'GET' }, { method: 'POST', body: 'confirm=yes&pause=yes' }]) {
    const asked = { ...request, headers: { ...FORM, ...headers } }
    const page = await follow(world.service, release('Ahead'), asked)
    expect(page.status).toBe(200)
    expect(page.text).not.toContain('<script')
    expect((await follow(world.service, preferences, asked)).status).toBe(200)
  }
  await nothingHappened(world)
  expect(await world.storage.query('SELECT * FROM digest_preference')).toEqual([])
})

const copies = () => world.mta.mails.map(mail => mail.to)
