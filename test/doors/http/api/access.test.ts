import { expect, test } from 'vitest'
import { servedDesk } from '../admin/served-desk.ts'
import { ALICE, type Caller, servedApi } from './served-api.ts'

const PROBLEM = 'application/problem+json; charset=utf-8'

test('a request without a valid key is refused, and the answer says what is missing', async () => {
  const { ask, root, app } = await servedApi()
  const withKey = (authorization: string) => ask('/schedules', { headers: { authorization } })
  const nothing = await ask('/schedules')
  expect(nothing).toMatchObject({
    status: 401,
    json: {
      type: 'urn:amavis-digest:problem:api-key-invalid',
      title: 'API key invalid',
      status: 401,
      code: 'API_KEY_INVALID',
    },
  })
  expect(nothing.headers.get('content-type')).toBe(PROBLEM)
  expect(nothing.headers.get('www-authenticate')).toBe('Bearer realm="amavis-digest"')
  const forged = `${root.key.slice(0, -1)}${root.key.endsWith('0') ? '1' : '0'}`
  for (const wrong of [
    'Bearer',
    'Bearer x',
    'Basic eDp5',
    `Bearer ${forged}`,
    `Bearer ${root.key} x`,
    root.key,
  ]) {
    const refused = await withKey(wrong)
    expect(refused, wrong).toMatchObject({ status: 401, json: { code: 'API_KEY_INVALID' } })
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"')
    expect(refused.text).not.toContain(root.key.slice(20, 40))
  }
  expect(await withKey(`bearer ${root.key}`)).toMatchObject({ status: 200 })
  const [newest] = (await app.apiKeys.list()).filter(key => key.name === 'root')
  await app.apiKeys.revoke({ kind: 'admin', name: 'root', remoteAddress: null }, newest?.id ?? '')
  expect(await withKey(`Bearer ${root.key}`)).toMatchObject({ status: 401 })
})

test('neither a cookie nor a key in the URL opens the API', async () => {
  const desk = await servedDesk()
  const browser = await desk.signedIn()
  expect((await browser.get('/admin')).status).toBe(200)
  expect(await browser.get('/api/v1/schedules')).toMatchObject({ status: 401 })
  const { ask, root } = await servedApi()
  expect(await ask(`/schedules?access_token=${root.key}`)).toMatchObject({ status: 401 })
})

test('a read-only key cannot change anything', async () => {
  const { reader, database } = await servedApi()
  const writes: [string, string, unknown?][] = [
    ['PUT', '/schedules/weekdays', { cron: ['0 7 * * *'], timezone: 'UTC' }],
    ['PATCH', '/schedules/daily', { on: false }],
    ['DELETE', '/schedules/daily'],
    ['PUT', `/recipients/${ALICE}`, {}],
    ['PATCH', `/recipients/${ALICE}`, {}],
    ['DELETE', `/recipients/${ALICE}`],
    ['POST', '/recipients/import', { items: [{ scope: ALICE }] }],
    ['POST', `/readers/${ALICE}/send-now`],
    ['POST', '/digests/x/resend'],
    ['POST', '/digests/x/retry'],
    ['POST', '/digests/x/drop'],
    ['POST', '/releases', { mailId: 'x', recipient: ALICE }],
    ['POST', '/releases/x/retry'],
    ['POST', '/releases/x/drop'],
    ['POST', '/runs', {}],
  ]
  for (const [method, path, body] of writes) {
    const refused = await reader.call(method, path, body)
    expect(refused, `${method} ${path}`).toMatchObject({ status: 403, json: { code: 'API_SCOPE_MISSING' } })
    expect(refused.headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="write"')
  }
  const actions = await database.state.sql.selectFrom('digest_audit').select('action').execute()
  expect(actions.filter(({ action }) => action !== 'key-make')).toEqual([])
})

test('unknown paths, other methods and unreadable bodies are answered as problems', async () => {
  const { root, ask } = await servedApi()
  const authorization = `Bearer ${root.key}`
  for (const path of ['', '/', '/nothing', '/schedules/', '/Schedules', '/schedules/a/b']) {
    const unknown = await ask(path, { headers: { authorization } })
    expect(unknown, path).toMatchObject({ status: 404, json: { code: 'PAGE_UNKNOWN' } })
    expect(unknown.headers.get('content-type')).toBe(PROBLEM)
  }
  for (const name of ['foo', '__proto__', 'constructor', 'toString']) {
    const refused = await root.call('GET', `/schedules?${name}=1`)
    expect(refused, name).toMatchObject({ status: 400, json: { code: 'REQUEST_INVALID' } })
  }
  const other = await root.call('POST', '/schedules/daily', {})
  expect(other).toMatchObject({ status: 405, json: { code: 'METHOD_UNKNOWN' } })
  expect(other.headers.get('allow')).toBe('GET, HEAD, PUT, PATCH, DELETE, OPTIONS')
  const put = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
    ask(`/recipients/${ALICE}`, { method: 'PUT', body, headers: { authorization, ...headers } })
  const json = { 'content-type': 'application/json' }
  const unreadable = { status: 400, json: { code: 'BODY_UNREADABLE' } }
  const unknownType = { status: 415, json: { code: 'BODY_TYPE_UNKNOWN' } }
  expect(await put('{', json)).toMatchObject(unreadable)
  expect(await put('', json)).toMatchObject(unreadable)
  expect(await put(new Uint8Array([0x22, 0xff, 0x22]), json)).toMatchObject(unreadable)
  expect(await put('{}', { 'content-type': 'text/plain' })).toMatchObject(unknownType)
  expect(await put('{}', { 'content-type': 'application/json; charset=latin1' })).toMatchObject(unknownType)
  expect(await put('{}', { 'content-type': 'application/json; charset=UTF-8' })).toMatchObject({
    status: 200,
  })
  expect(await put('{}', { ...json, 'content-encoding': 'gzip' })).toMatchObject(unknownType)
  const long = JSON.stringify({ language: 'x'.repeat(300_000) })
  expect(await put(long, json)).toMatchObject({ status: 413, json: { code: 'BODY_TOO_LARGE' } })
  for (const body of ['null', '[]', '"x"', '1', '{"__proto__":{"on":true}}', '{"constructor":1}']) {
    expect(await put(body, json), body).toMatchObject({ status: 400, json: { code: 'REQUEST_INVALID' } })
  }
  expect(await put('['.repeat(100_000), json)).toMatchObject(unreadable)
  expect(await put(`${'['.repeat(100_000)}${']'.repeat(100_000)}`, json)).toMatchObject({ status: 400 })
  expect(await ask('/recipients/%ff', { headers: { authorization } })).toMatchObject({
    status: 400,
    json: { code: 'REQUEST_INVALID' },
  })
})

test('HEAD answers like GET without the body, and OPTIONS lists the methods for no other origin', async () => {
  const { root, ask } = await servedApi()
  expect(await root.call('HEAD', '/schedules')).toMatchObject({ status: 200, text: '' })
  const options = await ask('/schedules', { method: 'OPTIONS', headers: { origin: 'https://example.net' } })
  expect(options).toMatchObject({ status: 204, text: '' })
  expect(options.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  expect([...options.headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([])
  const answer = await root.call('GET', '/schedules')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(answer.headers.get('set-cookie')).toBeNull()
})

test('each key has its own limit, and wrong keys do not use up the limit of others', async () => {
  const { root, reader, ask } = await servedApi({ http: { perKey: 3 } })
  const statuses = async (caller: Caller) => {
    const answers = []
    for (let request = 0; request < 5; request += 1)
      answers.push((await caller.call('GET', '/schedules')).status)
    return answers
  }
  expect(await statuses(root)).toEqual([200, 200, 200, 429, 429])
  const refused = await root.call('GET', '/schedules')
  expect(refused).toMatchObject({ status: 429, json: { code: 'TOO_MANY_REQUESTS' } })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  const wrong = []
  for (let request = 0; request < 32; request += 1) {
    wrong.push((await ask('/schedules', { headers: { authorization: 'Bearer adk_x' } })).status)
  }
  expect(wrong.slice(0, 30).every(status => status === 401)).toBe(true)
  expect(wrong.slice(30)).toEqual([429, 429])
  expect(await statuses(reader)).toEqual([200, 200, 200, 429, 429])
})

test('the limit of a network address applies to the API, too, and is answered as a problem', async () => {
  const { ask } = await servedApi({ http: { perAddress: 2 } })
  await ask('/openapi.json')
  await ask('/openapi.json')
  const refused = await ask('/openapi.json')
  expect(refused).toMatchObject({ status: 429, json: { code: 'TOO_MANY_REQUESTS' } })
  expect(refused.headers.get('content-type')).toBe(PROBLEM)
})

test('with a path in publicUrl the API works whether the proxy strips the path or not', async () => {
  const desk = await servedDesk({ publicUrl: 'https://example.com/mail' })
  for (const path of ['/api/v1/schedules', '/mail/api/v1/schedules']) {
    const answer = await desk.browser().get(path)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('content-type')).toBe(PROBLEM)
  }
  const document = JSON.parse((await desk.browser().get('/mail/api/v1/openapi.json')).text)
  expect(document.servers).toEqual([{ url: 'https://example.com/mail/api/v1' }])
})

test('a failure of the server reveals only its code', async () => {
  const { root, database } = await servedApi()
  await database.state.sql.schema.dropTable('digest_preference').execute()
  const broken = await root.call('GET', '/recipients')
  expect(broken).toMatchObject({ status: 503, json: { code: 'TABLE_MISSING' } })
  expect(broken.text).not.toContain('digest_preference')
})
