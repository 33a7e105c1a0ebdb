import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Amavisd } from '../servers/amavisd.ts'
import { freePort } from '../servers/ports.ts'
import { waitUntil } from '../servers/wait.ts'
import { digestFor } from './digest-mail.ts'
import { FORM, follow, JSON_ONLY } from './follow.ts'
import type { Service } from './program.ts'
import { hold, runJson, startWorld, type World } from './world.ts'

// Both amavisd share one quarantine database, so either could release any message. The tests check which one is asked.
let world: World
let second: Amavisd
let service: Service

beforeAll(async () => {
  world = await startWorld({ amavisd: { extra: `$myhostname = 'mx1.example.com';` } })
  second = await world.addAmavisd({ extra: `$myhostname = 'mx2.example.com';` })
  const program = await world.configure({
    release: {
      // Nobody listens there, so that a request sent there by mistake releases nothing.
      via: `tcp://127.0.0.1:${await freePort()}`,
      hosts: {
        'MX1.example.com': `tcp://127.0.0.1:${world.amavisd.amPdpPort}`,
        'mx2.example.com': `unix://${second.socketPath}`,
      },
    },
  })
  service = await program.serve()
})
beforeEach(() => world.reset())
afterAll(async () => {
  await service?.stop()
  await world?.[Symbol.asyncDispose]()
})

test('each message is released by the amavisd that holds it', async () => {
  const links = await digestOfBoth(['First'], ['Second'])
  expect(await click(links.release('First'))).toMatchObject({ status: 200, json: { status: 'released' } })
  expect(await click(links.release('Second'))).toMatchObject({ status: 200, json: { status: 'released' } })
  expect(releasedBy('mx1.example.com')).toEqual(['First'])
  expect(releasedBy('mx2.example.com')).toEqual(['Second'])
})

test('while one is down its releases wait and those of the other go out; then the waiting ones go out', async () => {
  const firsts = ['One', 'Two', 'Three', 'Four', 'Five', 'Six']
  const links = await digestOfBoth(firsts, ['Other', 'Another'])
  await world.amavisd.stop()
  for (const subject of firsts) {
    expect(await click(links.release(subject))).toMatchObject({
      status: 202,
      json: { status: 'queued', code: 'AMAVISD_UNREACHABLE' },
    })
  }
  expect(await click(links.release('Other'))).toMatchObject({ status: 200 })
  // A release of the other that has to be retried goes out too, although those of the first one are waiting.
  world.mta.answerRecipient('alice@example.com', '451 4.3.0 Try later')
  expect(await click(links.release('Another'))).toMatchObject({ status: 202 })
  world.mta.recover()
  await waitUntil('the release of another', () => subjects().includes('Another'), { timeout: 20_000 })
  expect(subjects()).toEqual(['Another', 'Other'])

  await world.amavisd.start()
  const aMinutePasses = "UPDATE digest_release SET next_attempt_at = 0 WHERE state = 'queued'"
  const allAreReleased = async () => {
    await world.storage.query(aMinutePasses)
    return world.mta.mails.length === 8
  }
  await waitUntil('the releases of the first', allAreReleased, { timeout: 20_000 })
  expect(subjects()).toEqual(['Another', 'Other', ...firsts].sort())
})

test('an amavisd that is not in release.hosts is asked through release.via', async () => {
  const third = await world.addAmavisd({ extra: `$myhostname = 'mx3.example.com';` })
  const program = await world.configure({
    release: {
      via: `tcp://127.0.0.1:${third.amPdpPort}`,
      hosts: { 'mx1.example.com': `tcp://127.0.0.1:${world.amavisd.amPdpPort}` },
    },
  })
  const [held] = await hold({ ...world, amavisd: third }, 'alice@example.com', { subject: 'Third' })
  const result = await program.command('release', held.mail_id, '--recipient', 'alice@example.com')
  expect(result.status).toBe(0)
  expect(releasedBy('mx3.example.com')).toEqual(['Third'])
})

/** A digest for Alice with messages held by each of the two amavisd. */
async function digestOfBoth(firsts: readonly string[], seconds: readonly string[]) {
  for (const subject of firsts) await hold(world, 'alice@example.com', { subject })
  for (const subject of seconds) await hold({ ...world, amavisd: second }, 'alice@example.com', { subject })
  await runJson(world.program)
  return digestFor(world.digests.mails, 'alice@example.com')
}

const click = (link: string) => follow(service, link, { method: 'POST', headers: { ...JSON_ONLY, ...FORM } })

const subjects = () => world.mta.mails.map(mail => mail.parsed.subject ?? '').sort()

/** The subjects released by the amavisd named `host`, which puts its name into Resent-Message-ID. */
const releasedBy = (host: string) =>
  world.mta.mails.flatMap(({ raw, parsed }) =>
    new RegExp(`^Resent-Message-ID: <[^>]+@${host}>`, 'im').test(raw.toString('latin1'))
      ? [parsed.subject]
      : [],
  )
