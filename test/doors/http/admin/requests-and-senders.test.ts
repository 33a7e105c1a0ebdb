import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ApiScope } from '../../../../src/desks/admin/api-keys/api-scopes.ts'
import { HOUR } from '../../../../src/ground/durations.ts'
import { ROOT } from '../../../embedded/editors.ts'
import type { Answer, TestBrowser } from '../../../servers/test-browser.ts'
import { fileRequest, makeSenderTables, requestRow } from '../filed.ts'
import { ADMIN, type ServedDesk, servedDesk } from './served-desk.ts'

const ALICE = 'alice@example.com'
const BOB = 'bob@example.org'
const HERE = 'desk@example.com'
const ELSEWHERE = 'desk@example.org'
const HELP = 'help@example.com'
const SECOND = 'second@example.com'

let desk: ServedDesk
let filed = 0
const cleanUps: (() => Promise<void>)[] = []

beforeAll(async () => {
  desk = await servedDesk(
    {
      http: { port: 0, perAddress: 100_000, perKey: 100_000 },
      policy: { banned: 'request', virus: 'request' },
      requests: { virusNeedsTwo: true },
      senders: { kind: 'amavis' },
      admins: [
        ADMIN,
        SECOND,
        { address: HERE, domains: ['example.com'] },
        { address: ELSEWHERE, domains: ['example.org'] },
        { address: HELP, domains: ['example.com'], role: 'helpDesk', release: true },
      ],
    },
    cleanUp => cleanUps.push(cleanUp),
  )
  await makeSenderTables(desk)
})

afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})

const BLOCK = { do: 'set', sender: 'sam@shop.example', list: 'block' }

/** A request for a banned message. */
async function file(recipient = ALICE, content = 'B'): Promise<string> {
  filed += 1
  const id = idOf(filed)
  await fileRequest(desk, { id, recipient, content, receivedAt: desk.time.now - HOUR })
  return id
}

const stateOf = async (id: string): Promise<string | undefined> => {
  const row = desk.database.state.sql
    .selectFrom('digest_request')
    .select('state')
    .where('request_id', '=', id)
  return (await row.executeTakeFirst())?.state
}

const signedIn = async (address: string): Promise<TestBrowser> => {
  const browser = await desk.signedIn(address)
  await browser.get('/admin')
  return browser
}

/** Who comes, and what is answered to one who asks for what is Alice's, Bob's, and everybody's. */
const PAGES = {
  'an admin of everything': { as: ADMIN, decides: [303, 303], keeps: [303, 303, 303] },
  'an admin of the domain': { as: HERE, decides: [303, 404], keeps: [303, 403, 403] },
  'an admin of another domain': { as: ELSEWHERE, decides: [404, 303], keeps: [403, 303, 403] },
} as const

test.each(Object.entries(PAGES))(
  '%s decides and keeps lists where they look after the mail',
  async (_, role) => {
    const browser = await signedIn(role.as)
    for (const [index, recipient] of [ALICE, BOB].entries()) {
      for (const verb of ['approve', 'refuse']) {
        const id = await file(recipient)
        const status = role.decides[index]
        expect((await browser.get(`/admin/requests/${id}`)).status).toBe(status === 303 ? 200 : status)
        const answer = await browser.post(`/admin/requests/${id}`, { do: verb })
        expect([recipient, verb, answer.status]).toEqual([recipient, verb, status])
        expect(await stateOf(id)).toBe(
          status === 303 ? (verb === 'approve' ? 'approved' : 'refused') : 'waiting',
        )
      }
    }
    for (const [index, owner] of [ALICE, '@example.org', '@.'].entries()) {
      const path = `/admin/senders?${new URLSearchParams({ owner })}`
      const status = role.keeps[index] ?? 0
      expect((await browser.get(path)).status).toBe(status === 303 ? 200 : status)
      for (const fields of [BLOCK, { ...BLOCK, do: 'remove' }]) {
        expect([owner, fields.do, (await browser.post(path, fields)).status]).toEqual([
          owner,
          fields.do,
          status,
        ])
      }
    }
  },
)

test('the help desk and who has not signed in decide nothing, keep no lists, and learn of none', async () => {
  const id = await file()
  const [help, nobody] = [await signedIn(HELP), desk.browser()]
  for (const browser of [help, nobody]) {
    for (const path of ['/admin/requests', `/admin/requests/${id}`, `/admin/senders?owner=${ALICE}`]) {
      const answers = [
        await browser.get(path),
        await browser.post(path, path.includes('/senders') ? BLOCK : { do: 'approve' }),
      ]
      for (const { status, text } of answers) {
        expect([303, 401, 403, 404, 405]).toContain(status)
        expect(text).not.toContain(`mail${id}`)
      }
    }
  }
  expect(await stateOf(id)).toBe('waiting')
})

const KEYS: readonly {
  readonly scopes: readonly ApiScope[]
  readonly domains?: readonly string[]
  /** The answers to GET of the list and of a request, approve; GET, PUT, DELETE of a sender list. */
  readonly answers: readonly number[]
}[] = [
  { scopes: ['requests:decide'], answers: [200, 200, 200, 403, 403, 403] },
  { scopes: ['senders:write'], answers: [403, 403, 403, 200, 200, 204] },
  { scopes: ['read'], answers: [403, 403, 403, 200, 403, 403] },
  { scopes: ['write', 'held:release', 'held:download'], answers: [403, 403, 403, 200, 403, 403] },
  {
    scopes: ['requests:decide', 'senders:write'],
    domains: ['example.com'],
    answers: [200, 200, 200, 200, 200, 204],
  },
  {
    scopes: ['requests:decide', 'senders:write'],
    domains: ['example.org'],
    answers: [200, 404, 404, 403, 403, 403],
  },
]

test.each(KEYS)(
  'a key with $scopes for $domains does what it is for',
  async ({ scopes, domains, answers }) => {
    const id = await file()
    const call = await callerWith(scopes, domains)
    const sender = `/senders/${ALICE}/sam@shop.example`
    const given = [
      await call('GET', '/requests?limit=100'),
      await call('GET', `/requests/${id}`),
      await call('POST', `/requests/${id}/approve`, { note: 'Here it is.' }),
      await call('GET', `/senders/${ALICE}`),
      await call('PUT', sender, { list: 'allow' }),
      await call('DELETE', sender),
    ]
    expect(given.map(({ status }) => status)).toEqual(answers)
    const [list] = given
    const ids = list?.status === 200 ? list.json.requests.map((one: { id: string }) => one.id) : []
    expect(ids.includes(id)).toBe(answers[1] === 200)
    expect(await stateOf(id)).toBe(answers[2] === 200 ? 'approved' : 'waiting')
  },
)

test('what is beyond a key’s domains is answered like what is not there', async () => {
  const id = await file()
  const call = await callerWith(['requests:decide'], ['example.org'])
  const unknown = '1jjdk8n2c6h4q9v0t7mb3ars5'
  for (const [method, verb] of [
    ['GET', ''],
    ['POST', '/approve'],
    ['POST', '/refuse'],
  ] as const) {
    const body = method === 'POST' ? {} : undefined
    const foreign = await call(method, `/requests/${id}${verb}`, body)
    expect(foreign).toMatchObject({ status: 404, json: { code: 'REQUEST_UNKNOWN' } })
    expect((await call(method, `/requests/${unknown}${verb}`, body)).text).toBe(foreign.text)
  }
  const browser = await signedIn(ELSEWHERE)
  const foreign = await browser.get(`/admin/requests/${id}`)
  expect(withoutNonce(await browser.get(`/admin/requests/${unknown}`))).toBe(withoutNonce(foreign))
})

test('the first decision counts, and whoever comes later sees whose it was', async () => {
  const id = await file()
  const [first, second] = [await signedIn(ADMIN), await signedIn(HERE)]
  await second.get(`/admin/requests/${id}`)
  await first.get(`/admin/requests/${id}`)
  expect(await first.post(`/admin/requests/${id}`, { do: 'refuse', note: 'No.' })).toMatchObject({
    status: 303,
  })
  const late = await second.post(`/admin/requests/${id}`, { do: 'approve' })
  expect(late.status).toBe(409)
  expect(late.text).toContain('your decision does not count')
  expect(late.text).toContain(`Refused by ${ADMIN}`)
  expect(late.text).not.toContain('value="approve"')
  const call = await callerWith(['requests:decide'])
  expect(await call('POST', `/requests/${id}/approve`, {})).toMatchObject({
    status: 409,
    json: { code: 'REQUEST_DECIDED', detail: expect.stringContaining(ADMIN) },
  })
  // Without a note there is nothing to send.
  expect(await call('POST', `/requests/${await file()}/refuse`)).toMatchObject({
    status: 200,
    json: { state: 'refused' },
  })
})

test('a virus needs two admins, and the first one cannot be the second', async () => {
  const id = await file(ALICE, 'V')
  const [first, second] = [await signedIn(ADMIN), await signedIn(SECOND)]
  const path = `/admin/requests/${id}`
  const asked = await first.get(path)
  const held = /href="(\/admin\/held\/[^"?]+)/.exec(asked.text)?.[1] ?? ''
  const message = await first.get(held)
  expect(message.text).toContain('requests.virusNeedsTwo')
  expect(message.text).not.toContain('value="release"')
  expect(await first.post(held, { do: 'release' })).toMatchObject({ status: 403 })
  expect((await first.post(path, { do: 'approve' })).location).toBe(`${path}?done=approvedFirst`)
  const own = await first.get(path)
  expect(own.text).toContain(`Approved by ${ADMIN}`)
  expect(own.text).not.toContain('value="approve"')
  expect(await first.post(path, { do: 'approve' })).toMatchObject({ status: 409 })
  expect((await second.get(path)).text).toContain('A second admin has to approve it, too.')
  expect((await second.post(path, { do: 'approve' })).location).toMatch(/\?done=approved/)
  expect(await stateOf(id)).toBe('approved')
})

test('a note is shown as text, in any script; one of 10 kB is refused and stays in its field', async () => {
  const [id, browser] = [await file(), await signedIn(ADMIN)]
  const path = `/admin/requests/${id}`
  await browser.get(path)
  const long = await browser.post(path, { do: 'refuse', note: '<b>'.repeat(3500) })
  expect(long.status).toBe(400)
  expect(long.text).toContain('At most 1,000 characters')
  expect(long.text).toContain(`>\n${'&lt;b&gt;'.repeat(3500)}</textarea>`)
  expect(await stateOf(id)).toBe('waiting')
  await browser.post(path, { do: 'refuse', note: 'لا تفتحها <script>alert(1)</script>' })
  const { text } = await browser.get(path)
  expect(text).toContain('لا تفتحها &lt;script&gt;alert(1)&lt;/script&gt;')
})

test('a GET decides nothing, nor does a form that is not ours', async () => {
  const [id, browser] = [await file(), await signedIn(ADMIN)]
  await browser.get(`/admin/requests/${id}?do=approve&note=x`)
  expect((await browser.post(`/admin/requests/${id}`, { do: 'approve', form: 'forged' })).status).not.toBe(
    303,
  )
  expect((await browser.post(`/admin/requests/${id}`, { do: 'both' })).status).toBe(400)
  expect(await stateOf(id)).toBe('waiting')
})

test('the navigation counts what waits, and a flood of requests comes in pages, the oldest first', async () => {
  await desk.database.state.sql.deleteFrom('digest_request').execute()
  const { now } = desk.time
  for (let start = 0; start < 5000; start += 500) {
    const rows = Array.from({ length: 500 }, (_, index) =>
      requestRow(idOf(start + index), { asked_at: now + start + index, expires_at: now + HOUR }),
    )
    await desk.database.state.sql.insertInto('digest_request').values(rows).execute()
  }
  const browser = await signedIn(HERE)
  const page = await browser.get('/admin/requests')
  expect(page.text).toContain('(5,000 requests wait)')
  expect(idsIn(page)).toHaveLength(50)
  expect(idsIn(page)[0]).toBe(idOf(0))
  const next =
    /href="([^"]+after[^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=') ?? ''
  expect(idsIn(await browser.get(next))[0]).toBe(idOf(50))
  expect((await (await signedIn(ELSEWHERE)).get('/admin/requests')).text).toContain(
    'Nothing waits for a decision.',
  )
})

test('a sender is allowed after a look at the effect, and each change is taken back by its notice', async () => {
  const browser = await signedIn(HERE)
  const path = `/admin/senders?${new URLSearchParams({ owner: ALICE })}`
  const asked = await browser.get(`${path}&sender=sam%40shop.example&list=allow`)
  expect(asked.text).toContain('Always let sam@shop.example through?')
  expect(asked.text).toContain('last month')
  expect((await browser.get(path)).text).toContain('There are no entries.')
  const saved = await browser.post(path, { do: 'set', sender: 'sam@shop.example', list: 'allow' })
  const notice = await browser.get(saved.location ?? '')
  expect(notice.text).toContain('sam@shop.example is now always let through.')
  expect(notice.text).toContain('Undo')
  const removed = await browser.post(path, { do: 'remove', sender: 'sam@shop.example', list: 'allow' })
  const gone = await browser.get(removed.location ?? '')
  expect(gone.text).toContain('sam@shop.example was removed from the list.')
  expect(gone.text).toMatch(
    /name="do" value="set"><input type="hidden" name="sender" value="sam@shop.example">/,
  )
  // The link of the notice claims nothing once it is not so.
  expect((await browser.get(saved.location ?? '')).text).not.toContain('is now always let through')
})

test.each([
  'shop.example',
  '@.',
  '@gmail.com',
  '*@shop.example',
  `${'x'.repeat(300)}@shop.example`,
  ALICE,
  '<b>@x',
])('an entry that is no use is refused at its field, as a fault of %s', async sender => {
  const browser = await signedIn(HERE)
  const path = `/admin/senders?${new URLSearchParams({ owner: ALICE })}`
  await browser.get(path)
  const refused = await browser.post(path, { do: 'set', sender, list: 'allow' })
  expect(refused.status).toBe(400)
  expect(refused.text).toContain('id="sender-fault"')
  expect(refused.text).not.toContain('<b>@x')
})

const idOf = (number: number): string => String(number).padStart(25, '0')

const idsIn = ({ text }: Answer): string[] =>
  Array.from(text.matchAll(/\/admin\/requests\/(\w+)"/g), ([, id = '']) => id)

const withoutNonce = ({ text }: Answer): string => text.replaceAll(/nonce="[^"]*"|value="[^"]*"/g, '')

async function callerWith(scopes: readonly ApiScope[], domains?: readonly string[]) {
  const { text: key } = await desk.app.apiKeys.make(ROOT.actor, { name: 'test', scopes, domains })
  return async (method: string, path: string, body?: object) => {
    const { status, text } = await desk.browser().ask(`/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    return { status, text, json: text === '' ? undefined : JSON.parse(text) }
  }
}
