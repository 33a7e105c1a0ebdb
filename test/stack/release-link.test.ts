import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { heldRows } from '../servers/held.ts'
import { ODD_RECIPIENTS } from '../servers/odd-recipients.ts'
import { bannedMail, virusMail } from '../servers/samples.ts'
import { digestFor, withALabels } from './digest-mail.ts'
import { FORM, follow, JSON_ONLY } from './follow.ts'
import { type ServedWorld, startServedWorld } from './served-world.ts'
import { hold } from './world.ts'

let world: ServedWorld

beforeAll(async () => {
  world = await startServedWorld()
})
beforeEach(() => world.reset())
afterAll(() => world?.[Symbol.asyncDispose]())

describe('a release link', () => {
  test('shows by GET and HEAD, and changes nothing', async () => {
    const { release } = await world.digestOf('alice@example.com', { subject: 'Shown' })
    const page = await world.get(release('Shown'))
    expect(page.status).toBe(200)
    expect(page.text).toContain('Shown')
    expect(page.text).toContain('<form method="post"')
    expect(await world.get(release('Shown'), JSON_ONLY)).toMatchObject({
      status: 200,
      json: { status: 'held', policy: 'release' },
    })
    const head = await follow(world.service, release('Shown'), { method: 'HEAD' })
    expect([head.status, head.text]).toEqual([200, ''])
    await nothingHappened()
    expect(await world.audit()).toEqual([])
  })

  test('frees by POST one copy for the one reader, and then says that it was freed', async () => {
    const both = ['alice@example.com', 'bob@example.com']
    const { release } = await world.digestOf(both, { subject: 'Freed' })
    expect(await world.post(release('Freed'))).toMatchObject({ status: 200, json: { status: 'released' } })
    expect(await world.post(release('Freed'))).toMatchObject({
      status: 200,
      json: { status: 'already-released' },
    })
    expect(await world.get(release('Freed'), JSON_ONLY)).toMatchObject({
      status: 200,
      json: { status: 'already-released' },
    })
    expect(freed()).toEqual([['alice@example.com']])
    expect(world.mta.mails[0]?.parsed.subject).toBe('Freed')
    expect((await heldRows(world.storage)).map(row => [row.email, row.rs.trim()])).toEqual([
      ['alice@example.com', 'R'],
      ['bob@example.com', ''],
    ])
  })

  test('answers a browser with a page', async () => {
    const { release } = await world.digestOf('alice@example.com', { subject: 'Page' })
    const page = await follow(world.service, release('Page'), {
      method: 'POST',
      headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    })
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('vary')).toContain('Accept')
    expect(page.text).toContain('On its way')
  })

  test('clicked twenty times at once gives one copy, and all twenty are told so', async () => {
    const { release } = await world.digestOf('alice@example.com', { subject: 'Eager' })
    const answers = await Promise.all(Array.from({ length: 20 }, () => world.post(release('Eager'))))
    expect(answers.map(answer => answer.status)).toEqual(answers.map(() => 200))
    expect(answers.filter(answer => answer.json?.status === 'released')).toHaveLength(1)
    expect(answers.filter(answer => answer.json?.status === 'already-released')).toHaveLength(19)
    expect(freed()).toEqual([['alice@example.com']])
    expect(await world.audit()).toHaveLength(20)
  })

  test.each(ODD_RECIPIENTS)('gives $sent the digest, and the message', async ({ sent, stored }) => {
    const { release } = await world.digestOf(sent, { subject: 'Odd' })
    const [mail] = world.digests.mails
    expect(mail?.to.map(withALabels)).toEqual([stored])
    expect(mail?.parsed.to?.map(({ address = '' }) => withALabels(address))).toEqual([stored])
    expect(await world.post(release('Odd'))).toMatchObject({ status: 200, json: { status: 'released' } })
    expect(freed()).toEqual([[stored]])
  })

  test('tells what another program has done with the message since', async () => {
    const { release } = await world.digestOf('alice@example.com', { subject: 'Elsewhere' })
    await world.storage.query("UPDATE msgrcpt SET rs = 'R'")
    expect(await world.post(release('Elsewhere'))).toMatchObject({
      status: 200,
      json: { status: 'already-released' },
    })
    await world.storage.query("UPDATE msgrcpt SET rs = 'D'")
    expect(await world.post(release('Elsewhere'))).toMatchObject({
      status: 404,
      json: { code: 'MESSAGE_GONE' },
    })
    expect(world.mta.mails).toEqual([])
  })

  test.each([
    { what: 'its text', tables: ['quarantine'] },
    { what: 'its rows', tables: ['quarantine', 'msgrcpt', 'msgs'] },
  ])('to a message that was purged ($what) says so', async ({ tables }) => {
    const { release } = await world.digestOf('alice@example.com', { subject: 'Purged' })
    for (const table of tables) await world.storage.query(`DELETE FROM ${table}`)
    expect(await world.post(release('Purged'))).toMatchObject({
      status: 404,
      json: { status: 'failed', code: 'MESSAGE_GONE' },
    })
    const page = await world.get(release('Purged'))
    expect(page.status).toBe(404)
    expect(page.text).toContain('no longer')
    expect(world.mta.mails).toEqual([])
  })

  test('frees nothing when its row is somebody else’s by now', async () => {
    const { release } = await world.digestOf('alice@example.com', { subject: 'Mine' })
    await world.storage.query("UPDATE maddr SET email = 'eve@example.com' WHERE email = 'alice@example.com'")
    expect(await world.post(release('Mine'))).toMatchObject({ status: 404, json: { code: 'MESSAGE_GONE' } })
    expect(world.mta.mails).toEqual([])
  })

  test('tells a refusal of the next mail server, keeps its words for the admin, and may be tried again', async () => {
    const { release } = await world.digestOf('alice@example.com', { subject: 'Refused' })
    world.mta.answerRecipient('alice@example.com', '550 5.1.1 No such user here')
    expect(await world.post(release('Refused'))).toMatchObject({
      status: 502,
      json: { status: 'failed', code: 'AMAVISD_REFUSED' },
    })
    expect((await world.audit())[0]?.detail).toContain('550 5.1.1 No such user here')
    world.mta.recover()
    expect(await world.post(release('Refused'))).toMatchObject({ status: 200, json: { status: 'released' } })
    expect(freed()).toEqual([['alice@example.com']])
  })
})

describe('the policy of a content type', () => {
  test('confirm: one click is asked once more, the second releases', async () => {
    const { release } = await world.digestOf('alice@example.com', { subject: 'Program', make: bannedMail })
    expect(await world.post(release('Program'))).toMatchObject({
      status: 403,
      json: { status: 'failed', code: 'CONFIRMATION_REQUIRED' },
    })
    const asked = await follow(world.service, release('Program'), { method: 'POST' })
    expect(asked.status).toBe(403)
    expect(asked.text).toMatch(/name="confirm"[^>]* value="yes"/)
    await nothingHappened()
    expect(await world.post(release('Program'), 'confirm=yes')).toMatchObject({
      status: 200,
      json: { status: 'released' },
    })
    expect(freed()).toEqual([['alice@example.com']])
  })

  test('never: a link that was sent under an earlier policy is refused, whatever is confirmed', async () => {
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
    await nothingHappened()
  })
})

test.each([
  { 'sec-purpose': 'prefetch' },
  { 'sec-purpose': 'prefetch;prerender' },
  { purpose: 'prefetch' },
  { 'x-moz': 'prefetch' },
])('what is fetched ahead (%o) releases and pauses nothing, and gets no page that does', async headers => {
  const { release, preferences } = await world.digestOf('alice@example.com', { subject: 'Ahead' })
  for (const request of [{ method: 'GET' }, { method: 'POST', body: 'confirm=yes&pause=yes' }]) {
    const asked = { ...request, headers: { ...FORM, ...headers } }
    const page = await follow(world.service, release('Ahead'), asked)
    expect(page.status).toBe(200)
    expect(page.text).not.toContain('<script')
    expect((await follow(world.service, preferences, asked)).status).toBe(200)
  }
  await nothingHappened()
  expect(await world.storage.query('SELECT * FROM digest_preference')).toEqual([])
})

const freed = () => world.mta.mails.map(mail => mail.to)

async function nothingHappened(): Promise<void> {
  expect(world.mta.mails).toEqual([])
  expect(await world.storage.query('SELECT * FROM digest_release')).toEqual([])
  expect((await heldRows(world.storage)).filter(row => row.rs.trim() !== '')).toEqual([])
}
