import { afterAll, beforeAll, expect, test } from 'vitest'
import { SIGN_IN_LIMITS } from '../../../../src/composition/sign-ins-of.ts'
import { beginSession } from '../../../../src/ground/sign-in/sessions.ts'
import { PUBLIC_URL } from '../../../embedded/program.ts'
import { ADMIN, DOMAIN_ADMIN, type ServedDesk, servedDesk } from '../admin/served-desk.ts'

let desk: ServedDesk
const stack = new AsyncDisposableStack()

beforeAll(async () => {
  desk = await servedDesk({}, cleanUp => stack.defer(cleanUp))
})

afterAll(() => stack.disposeAsync())

test('strangers see nothing and can do nothing', async () => {
  for (const path of ['/admin', '/admin/nothing', '/admin/sign-out']) {
    const answer = await desk.browser().get(path)
    expect([path, answer.status, answer.text]).toEqual([
      path,
      path === '/admin/sign-out' ? 405 : 303,
      expect.not.stringContaining(ADMIN),
    ])
  }
  const post = await desk.browser().post('/admin/sign-out')
  expect(post).toMatchObject({ status: 401, text: expect.stringContaining('NOT_SIGNED_IN') })
  expect(post.text).toContain('href="/admin/sign-in"')
})

test('HEAD is answered like GET, without the page', async () => {
  const head = { method: 'HEAD' }
  expect(await desk.browser().ask('/admin', head)).toMatchObject({ status: 303, text: '' })
  expect(await (await desk.signedIn()).ask('/admin', head)).toMatchObject({ status: 200, text: '' })
})

test('a session id that was never issued opens nothing', async () => {
  await desk.signedIn()
  for (const value of ['A'.repeat(43), '', '%00', 'x'.repeat(5000), "' or 1=1 --"]) {
    const browser = desk.browser()
    browser.cookies.set('session', { name: '__Host-amavis-digest', value: encodeURIComponent(value) })
    expect(await browser.get('/admin')).toMatchObject({ status: 303 })
  }
})

test('a session of a reader opens nothing, even where the address is an admin’s', async () => {
  const deps = { state: desk.database.state, clock: desk.time.clock, limits: SIGN_IN_LIMITS }
  const session = (kind: 'reader' | 'admin') =>
    beginSession(deps, { kind, address: ADMIN, mailTo: ADMIN } as const)
  const statusWith = async (value: string) => {
    const browser = desk.browser()
    browser.cookies.set('session', { name: '__Host-amavis-digest', value: encodeURIComponent(value) })
    const changes = await browser.post('/admin/sign-out')
    return [(await browser.get('/admin')).status, changes.status]
  }
  const reader = await session('reader')
  for (const value of [reader, `reader:${reader}`]) expect(await statusWith(value)).toEqual([303, 401])
  // The admin's cookie is accepted; the POST is refused because its form is not ours.
  expect(await statusWith(await session('admin'))).toEqual([200, 403])
})

test.each<[string, Record<string, string>, Record<string, string>]>([
  ['no token', { form: '' }, {}],
  ['another token', { form: 'A'.repeat(43) }, {}],
  ['a token of another length', { form: 'A' }, {}],
  ['another site as its origin', {}, { origin: 'https://evil.example' }],
  ['a sandboxed page as its origin', {}, { origin: 'null' }],
  ['a browser that reports another site', {}, { 'sec-fetch-site': 'cross-site' }],
  ['a browser that reports a neighbouring site', {}, { 'sec-fetch-site': 'same-site' }],
  ['a browser that reports no site', {}, { 'sec-fetch-site': 'none' }],
  ['the Host as its origin', {}, { origin: 'http://127.0.0.1' }],
])('a form with %s changes nothing', async (_, fields, headers) => {
  const browser = await desk.signedIn()
  await browser.get('/admin')
  expect(await browser.post('/admin/sign-out', fields, headers)).toMatchObject({
    status: 403,
    text: expect.stringContaining('FORM_STALE'),
  })
  expect(await browser.get('/admin')).toMatchObject({ status: 200 })
})

test.each<Record<string, string>>([
  { 'sec-fetch-site': 'same-origin' },
  { 'sec-fetch-site': 'same-origin', origin: 'null' },
  { origin: new URL(PUBLIC_URL).origin },
])('our own form is accepted, whichever way a browser reports its origin: %o', async headers => {
  const browser = await desk.signedIn()
  await browser.get('/admin')
  expect(await browser.post('/admin/sign-out', {}, headers)).toMatchObject({ status: 303 })
})

test('the form token of one admin is refused in the session of another, and in a later session', async () => {
  const [browser, other] = [await desk.signedIn(), await desk.signedIn(DOMAIN_ADMIN)]
  await browser.get('/admin')
  for (const cookie of other.cookies.values()) browser.cookies.set(cookie.name, cookie)
  expect(await browser.post('/admin/sign-out')).toMatchObject({ status: 403 })
})

test('the sign-in form needs the cookie that came with it', async () => {
  const browser = desk.browser()
  await browser.get('/admin/sign-in')
  browser.cookies.clear()
  expect(await browser.post('/admin/sign-in', { address: ADMIN })).toMatchObject({
    status: 403,
    text: expect.stringContaining('FORM_STALE'),
  })
  await browser.get('/admin/sign-in')
  const foreign = { origin: 'https://evil.example' }
  expect(await browser.post('/admin/sign-in', { address: ADMIN }, foreign)).toMatchObject({ status: 403 })
  expect(desk.mails()).toEqual([])
})

test('a visitor from another site gets the sign-in page, with a link onward for those already signed in', async () => {
  const crossSite = { 'sec-fetch-site': 'cross-site' }
  const page = await desk.browser().get('/admin/sign-in?back=/admin/readers', crossSite)
  expect(page.text).toMatch(/Are you already signed in\?[^<]*<a href="\/admin\/readers">/)
  expect((await desk.browser().get('/admin/sign-in')).text).not.toContain('signed in already')
})

test.each([
  ['/admin', 'GET, HEAD'],
  ['/admin/sign-in', 'GET, HEAD, POST'],
  ['/admin/sign-in/sent', 'GET, HEAD'],
  ['/admin/sign-in/TOKEN', 'GET, HEAD, POST'],
  ['/admin/sign-out', 'POST'],
])('%s answers %s and nothing else', async (path, allowed) => {
  const browser = await desk.signedIn()
  for (const method of ['PUT', 'DELETE', 'PATCH']) {
    const answer = await browser.ask(path, { method })
    expect(answer).toMatchObject({ status: 405, text: expect.stringContaining('METHOD_UNKNOWN') })
    expect(answer.headers.get('allow')).toBe(allowed)
  }
})

test('an unknown page is answered with 404, in the usual frame', async () => {
  const browser = await desk.signedIn()
  for (const path of ['/admin/nothing', '/Admin', '/admin/sign-in/TOKEN/more']) {
    const { status, text } = await browser.get(path)
    expect([path, status]).toEqual([path, 404])
    expect(text).toContain('PAGE_UNKNOWN')
  }
  expect((await browser.get('/admin/nothing')).text).toContain('aria-label="Sections"')
})

test('without admins in the configuration, there are no admin pages', async () => {
  const { browser } = await servedDesk({ admins: [] })
  for (const path of ['/admin', '/admin/sign-in'])
    expect(await browser().get(path)).toMatchObject({ status: 404 })
})

test('pages are never cached, never framed, and run no script', async () => {
  const { headers, text } = await (await desk.signedIn()).get('/admin')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('vary')).toContain('Cookie')
  expect(headers.get('referrer-policy')).toBe('same-origin')
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(headers.get('strict-transport-security')).toContain('max-age')
  expect(text).not.toMatch(/<script|\son\w+=|\sstyle=/i)
})

test('the notice of a page is one of our sentences, never text from the URL', async () => {
  const browser = await desk.signedIn()
  expect((await browser.get('/admin?done=saved')).text).toContain('Saved.')
  for (const done of ['<b>x', '__proto__', 'toString', '']) {
    expect((await browser.get(`/admin?${new URLSearchParams({ done })}`)).text).not.toContain('role="status"')
  }
})

test('a form that is too large is refused in the frame', async () => {
  const browser = await desk.signedIn()
  expect(await browser.post('/admin/sign-out', { more: 'x'.repeat(100_000) })).toMatchObject({ status: 400 })
  expect(await browser.get('/admin')).toMatchObject({ status: 200 })
})

test('a trailing slash is tolerated', async () => {
  expect(await (await desk.signedIn()).get('/admin/')).toMatchObject({ status: 303, location: '/admin' })
})
