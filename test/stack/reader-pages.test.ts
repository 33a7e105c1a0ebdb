import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { heldRows } from '../servers/held.ts'
import { freePort } from '../servers/ports.ts'
import { bannedMail } from '../servers/samples.ts'
import { digestFor } from './digest-mail.ts'
import { FORM, follow, JSON_ONLY, tokenOf } from './follow.ts'
import { PUBLIC_URL, type Service, type Settings } from './program.ts'
import { type ServedWorld, startServedWorld } from './served-world.ts'
import { hold } from './world.ts'

let world: ServedWorld

beforeAll(async () => {
  world = await startServedWorld()
})
beforeEach(() => world.reset())
afterAll(() => world?.[Symbol.asyncDispose]())

describe('the preferences link', () => {
  test.each([
    { kind: 'urlencoded', headers: FORM, body: 'List-Unsubscribe=One-Click' },
    {
      kind: 'multipart',
      headers: { 'content-type': 'multipart/form-data; boundary=part' },
      body: '--part\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--part--\r\n',
    },
  ])(
    'pauses on a mail program’s one-click request ($kind), and the held mail comes after it is resumed',
    async form => {
      const { preferences } = await world.digestOf('alice@example.com', { subject: 'First' })
      expect(await world.get(preferences, JSON_ONLY)).toMatchObject({
        status: 200,
        json: { status: 'active' },
      })
      const { headers, body } = form
      expect((await follow(world.service, preferences, { method: 'POST', headers, body })).status).toBe(200)
      expect(await world.get(preferences, JSON_ONLY)).toMatchObject({ json: { status: 'paused' } })

      world.digests.clear()
      await hold(world, ['alice@example.com', 'bob@example.com'], { subject: 'Meanwhile' })
      expect(await world.run()).toMatchObject({ digests: 1, items: 1, sent: 1 })
      expect(world.digests.mails.map(mail => mail.to)).toEqual([['bob@example.com']])

      expect(await world.post(preferences, 'resume=yes')).toMatchObject({ json: { status: 'active' } })
      expect(await world.run()).toMatchObject({ digests: 1, sent: 1 })
      expect(digestFor(world.digests.mails, 'alice@example.com').subjects).toEqual(['Meanwhile'])
      expect((await world.audit()).map(row => [row.actor, row.action, row.remote_address])).toEqual([
        ['alice@example.com', 'pause', '127.0.0.1'],
        ['alice@example.com', 'resume', '127.0.0.1'],
      ])
    },
  )

  test('pauses nothing on a GET, or on a POST that does not ask for it', async () => {
    const { preferences } = await world.digestOf('alice@example.com', { subject: 'First' })
    expect((await world.get(preferences)).text).toContain('</h1>')
    expect(await world.post(preferences, 'something=else')).toMatchObject({
      status: 400,
      json: { code: 'BODY_UNREADABLE' },
    })
    expect(await world.storage.query('SELECT * FROM digest_preference')).toEqual([])
  })
})

test('the page of a digest lists all its messages in their present state', async () => {
  const short = await world.configure({ digest: { maxRows: 1 } })
  for (const subject of ['One', 'Two', 'Three']) await hold(world, 'alice@example.com', { subject })
  await short.command('run')
  const mail = digestFor(world.digests.mails, 'alice@example.com')
  expect(mail.subjects).toHaveLength(1)

  const list = async () => {
    const { status, json } = await world.get(mail.digest, JSON_ONLY)
    expect({ status, ...json }).toMatchObject({ status: 200, total: 3, page: 1, pages: 1 })
    return json?.messages as { subject: string | null; status: string; releaseUrl: string }[]
  }
  const [first, second, third] = await list()
  expect([first?.subject, second?.subject, third?.subject].sort()).toEqual(['One', 'Three', 'Two'])
  await world.post(first?.releaseUrl ?? '')
  const forget = 'DELETE r FROM msgrcpt r JOIN msgs m USING (partition_tag, mail_id) WHERE m.subject = ?'
  await world.storage.query(forget, [third?.subject])

  expect((await list()).map(({ subject, status }) => [subject, status]).sort()).toEqual(
    [
      [first?.subject, 'released'],
      [second?.subject, 'held'],
      [null, 'gone'],
    ].sort(),
  )
  const page = await world.get(mail.digest)
  expect(page.text.match(/\/release\/[\w.-]+/g)).toHaveLength(1)
})

test('ticked messages are released through amavisd, each with its own outcome', async () => {
  const subjects = ['Wanted', 'Wanted too', 'Elsewhere', 'Purged']
  for (const subject of subjects) await hold(world, 'alice@example.com', { subject })
  await hold(world, 'alice@example.com', { subject: 'Risky', make: bannedMail })
  await world.run('--recipient', 'alice@example.com')
  const { digest } = digestFor(world.digests.mails, 'alice@example.com')
  const { json } = await world.get(digest, JSON_ONLY)
  const messages = messagesOf({ json })
  const idOf = (wanted: string) => messages.find(({ subject }) => subject === wanted)?.id ?? ''
  const of = "(SELECT mail_id FROM msgs WHERE subject = '?')"
  const change = (sql: string, subject: string) => world.storage.query(sql.replace('?', subject))
  await change(`UPDATE msgrcpt SET rs = 'R' WHERE mail_id IN ${of}`, 'Elsewhere')
  await change(`DELETE FROM quarantine WHERE mail_id IN ${of}`, 'Purged')

  const ticked = ['Wanted', 'Wanted too', 'Elsewhere', 'Purged', 'Risky']
  const body = formOf(ticked.map(idOf))
  const [first, second] = await Promise.all([1, 2].map(() => world.post(digest, body)))
  const outcomes = (answer: typeof first) => messagesOf(answer).map(({ status, code }) => code ?? status)
  const either = outcomes(first).map((outcome, index) => [outcome, outcomes(second)[index]].sort())
  expect(either).toEqual([
    ['already-released', 'released'],
    ['already-released', 'released'],
    ['already-released', 'already-released'],
    ['MESSAGE_GONE', 'MESSAGE_GONE'],
    ['CONFIRMATION_REQUIRED', 'CONFIRMATION_REQUIRED'],
  ])
  expect(world.mta.mails.map(mail => mail.parsed.subject).sort()).toEqual(['Wanted', 'Wanted too'])
  expect(await world.audit()).toHaveLength(10)
  expect(
    new Set((await heldRows(world.storage)).map(({ subject, rs }) => `${subject} ${rs.trim()}`)),
  ).toEqual(new Set(['Wanted R', 'Wanted too R', 'Elsewhere R', 'Purged ', 'Risky ']))
  const page = await world.get(digest)
  expect(page.text.match(/type="checkbox"/g)).toBeNull()
  expect(page.text).toContain('Check first')
})

test('while amavisd is away, ticked messages are queued, and the page says so', async () => {
  for (const subject of ['One', 'Two', 'Three']) await hold(world, 'alice@example.com', { subject })
  const away = await world.configure({
    release: { via: `tcp://127.0.0.1:${await freePort()}` },
    delivery: { withoutRelease: true },
  })
  await world.run('--recipient', 'alice@example.com')
  const { digest } = digestFor(world.digests.mails, 'alice@example.com')
  const service = await away.serve()
  onTestFinished(async () => void (await service.stop()))
  const { json } = await follow(service, digest, { headers: JSON_ONLY })
  const ids = messagesOf({ json }).map(({ id }) => id)
  const body = formOf(ids)
  const page = await follow(service, digest, {
    method: 'POST',
    headers: { ...FORM, accept: 'text/html' },
    body,
  })
  expect(page.status).toBe(202)
  expect(page.text).toContain('3 messages will be released soon')
  expect((await world.state.query('SELECT state FROM digest_release')).map(row => row.state)).toEqual(
    Array(3).fill('queued'),
  )
})

interface Listed {
  readonly id: string
  readonly subject: string
  readonly status: string
  readonly code?: string
}

const messagesOf = (answer: { readonly json?: { readonly messages?: unknown } | undefined } | undefined) =>
  (answer?.json?.messages ?? []) as readonly Listed[]

/** What the page sends when these messages are ticked. */
const formOf = (ids: readonly string[]) =>
  [...ids.map(id => `message=${encodeURIComponent(id)}`), 'button=yes'].join('&')

test('each POST leaves an audit row: who, when, from where, and with which outcome', async () => {
  const { release } = await world.digestOf('alice@example.com', { subject: 'Any' })
  const before = Date.now()
  await world.post(release('Any'))
  await world.post(release('Any'))
  const rows = await world.audit()
  const item = expect.stringMatching(/^[\w-]{20}$/)
  expect(rows.map(row => [row.actor, row.action, row.outcome, row.item_id, row.recipient])).toEqual([
    ['alice@example.com', 'release', 'released', item, 'alice@example.com'],
    ['alice@example.com', 'release', 'already-released', item, 'alice@example.com'],
  ])
  for (const row of rows) {
    expect(row).toMatchObject({ actor_kind: 'reader', remote_address: '127.0.0.1' })
    expect(row.at).toBeGreaterThanOrEqual(before)
    expect(row.at).toBeLessThanOrEqual(Date.now())
  }
  expect(rows[0]?.detail).toMatch(/^250 2\.0\.0 from MTA/)
})

describe('every answer', () => {
  test('carries the headers that keep a page private and harmless', async () => {
    const { release, digest, preferences } = await world.digestOf('alice@example.com', { subject: 'Any' })
    const answers = [
      await world.get(release('Any')),
      await world.get(digest),
      await world.get(preferences),
      await world.post(release('Any')),
      await world.get(`${PUBLIC_URL}/release/garbage`),
      await world.get(`${PUBLIC_URL}/nowhere`),
      await follow(world.service, digest, { method: 'DELETE' }),
      await world.get(`${world.service.url}/healthz`),
    ]
    expect(answers.map(answer => answer.status)).toEqual([200, 200, 200, 200, 400, 404, 405, 200])
    for (const { headers } of answers) {
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-robots-tag': 'noindex, nofollow',
        'strict-transport-security': 'max-age=31536000',
      })
      expect(headers.get('x-powered-by')).toBeNull()
    }
  })

  test('has a strict content security policy with a nonce used only once', async () => {
    const { release } = await world.digestOf('alice@example.com', { subject: 'Any' })
    const pages = [await world.get(release('Any')), await world.get(release('Any'))]
    const nonces = pages.map(({ headers, text }) => {
      const policy = headers.get('content-security-policy') ?? ''
      const [, nonce = 'none'] = /script-src 'nonce-([\w-]{22})'/.exec(policy) ?? []
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe')
      const inline = [...text.matchAll(/<(?:script|style)\b[^>]*>/g)].map(String)
      expect(inline.length).toBeGreaterThan(1)
      for (const tag of inline) expect(tag).toContain(`nonce="${nonce}"`)
      return nonce
    })
    expect(new Set(nonces).size).toBe(2)
  })

  test('builds its links from publicUrl, whatever the request says', async () => {
    const { digest } = await world.digestOf('alice@example.com', { subject: 'Any' })
    const page = await askAs(digest, {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.example',
    })
    expect(page).toContain(`${PUBLIC_URL}/release/`)
    expect(page).not.toContain('evil')
  })
})

test('the log names neither tokens nor secrets', async () => {
  const { release, digest } = await world.digestOf('alice@example.com', { subject: 'Any' })
  const [held] = await heldRows(world.storage)
  await world.get(release('Any'))
  await world.post(release('Any'))
  await world.get(`${digest}x`)
  await expect.poll(() => world.service.log()).toContain('"/digest/:token"')
  const log = world.service.log()
  expect(log).toContain('"/release/:token"')
  for (const secret of [tokenOf(release('Any')).slice(-43), held?.secret_id, world.storage.password]) {
    expect(log).not.toContain(secret)
  }
})

describe('limits', () => {
  test('too many requests to one link are answered with 429, those to another link are not', async () => {
    const { release, digest } = await world.digestOf('alice@example.com', { subject: 'Any' })
    const limited = await start({ http: { perLink: 3 } })
    const statuses: number[] = []
    for (const method of ['GET', 'GET', 'GET', 'GET', 'POST']) {
      statuses.push((await follow(limited, release('Any'), { method })).status)
    }
    expect(statuses).toEqual([200, 200, 200, 429, 429])
    const refused = await follow(limited, release('Any'), { headers: JSON_ONLY })
    expect(refused.json).toMatchObject({ status: 'failed', code: 'TOO_MANY_REQUESTS' })
    expect(await follow(limited, digest)).toMatchObject({ status: 200 })
    expect(world.mta.mails).toEqual([])
  })

  test('too many requests from one address are answered with 429, even with a forged X-Forwarded-For', async () => {
    const limited = await start({ http: { perAddress: 3 } })
    const statuses: number[] = []
    for (const last of [1, 2, 3, 4]) {
      const headers = { 'x-forwarded-for': `192.0.2.${last}` }
      statuses.push((await follow(limited, `${PUBLIC_URL}/release/garbage`, { headers })).status)
    }
    expect(statuses).toEqual([400, 400, 400, 429])
  })

  test('behind a trusted proxy, the address of the visitor counts', async () => {
    const proxied = await start({ http: { perAddress: 1, trustProxy: ['127.0.0.1'] } })
    const { release } = await world.digestOf('alice@example.com', { subject: 'Any' })
    const from = async (address: string) => {
      const headers = { 'x-forwarded-for': address }
      return (await follow(proxied, release('Any'), { method: 'POST', headers })).status
    }
    expect([await from('192.0.2.1'), await from('192.0.2.2'), await from('192.0.2.1')]).toEqual([
      200, 200, 429,
    ])
    expect((await world.audit()).map(row => row.remote_address)).toEqual(['192.0.2.1', '192.0.2.2'])
  })

  test('a body that is larger than any of our forms is refused', async () => {
    const { release } = await world.digestOf('alice@example.com', { subject: 'Any' })
    expect(await world.post(release('Any'), `confirm=${'x'.repeat(20_000)}`)).toMatchObject({
      status: 400,
      json: { code: 'BODY_UNREADABLE' },
    })
    expect(world.mta.mails).toEqual([])
  })
})

/** Starts another service with the same keys, until the test ends. */
async function start(settings: Partial<Settings>): Promise<Service> {
  const program = await world.configure(settings)
  const service = await program.serve()
  onTestFinished(async () => {
    await service.stop()
  })
  return service
}

/** Like `fetch`, which does not let the caller set Host. */
async function askAs(link: string, headers: Record<string, string>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const asked = request(link.replace(PUBLIC_URL, world.service.url), {
    headers: { ...JSON_ONLY, ...headers },
  })
  asked.on('response', response => void text(response).then(resolve, reject))
  asked.on('error', reject)
  asked.end()
  return promise
}
