import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../../src/ground/durations.ts'
import type { TestBrowser } from '../../../servers/test-browser.ts'
import { waitUntil } from '../../../servers/wait.ts'
import { ADMIN, DOMAIN_ADMIN, type ServedDesk, servedDesk } from '../admin/served-desk.ts'

const SESSION = '__Host-amavis-digest'

test('an admin signs in by a mailed link, and signs out', async () => {
  const desk = await servedDesk()
  const browser = desk.browser()
  expect(await browser.get('/admin')).toMatchObject({
    status: 303,
    location: '/admin/sign-in?back=%2Fadmin',
  })
  expect((await browser.get('/admin/sign-in')).text).toContain('Send me a link')
  expect(await browser.post('/admin/sign-in', { address: ` ${ADMIN.toUpperCase()} ` })).toMatchObject({
    status: 303,
    location: '/admin/sign-in/sent',
  })
  expect((await browser.get('/admin/sign-in/sent')).text).toContain('Check your mailbox')
  const link = await desk.linkFor(ADMIN)
  expect(await browser.get(link)).toMatchObject({
    status: 200,
    text: expect.stringContaining('One last step'),
  })
  expect(await browser.post(link)).toMatchObject({ status: 303, location: '/admin' })
  const page = await browser.get('/admin')
  expect(page).toMatchObject({ status: 200, text: expect.stringContaining(ADMIN) })
  expect(await browser.get('/admin/sign-in')).toMatchObject({ status: 303, location: '/admin' })

  await browser.get('/admin')
  expect(await browser.post('/admin/sign-out')).toMatchObject({ status: 303, location: '/admin/sign-in' })
  expect(browser.cookies.has(SESSION)).toBe(false)
  expect(await rows(desk, 'digest_session')).toEqual([])
  const audit = (await rows(desk, 'digest_audit')).map(row => `${row.action} ${row.actor} ${row.outcome}`)
  expect(audit.sort()).toEqual([
    `sign-in ${ADMIN} done`,
    `sign-in-ask ${ADMIN} sent`,
    `sign-out ${ADMIN} done`,
  ])
})

test('the mail says who asked for it, when, and what to do if it was somebody else', async () => {
  const desk = await servedDesk()
  await askForLink(desk, ADMIN)
  await desk.linkFor(ADMIN)
  const [mail] = desk.mails()
  expect(mail?.subject).toBe('Your sign-in link')
  expect(mail?.text).toMatch(
    /Wed, Mar 11, 5:00\sAM \(Coordinated Universal Time\) from the network address 127\.0\.0\.1/,
  )
  expect(mail?.text).toContain('ignore this mail')
  expect(mail?.html).toMatch(/href="https:\/\/quarantine\.example\.com\/admin\/sign-in\/[\w-]{43}"/)
})

test('strangers get the same answer as admins, and no mail', async () => {
  const desk = await servedDesk()
  const answerTo = async (address: string) => {
    const { browser, answer } = await askForLink(desk, address)
    const page = await browser.get(answer.location ?? '')
    return [
      answer.status,
      answer.location,
      answer.text,
      [...browser.cookies.keys()],
      withoutNonces(page.text),
    ]
  }
  const expected = await answerTo(ADMIN)
  for (const address of [
    'mallory@example.net',
    `${ADMIN}.example.net`,
    'x'.repeat(3000),
    '',
    '@',
    ADMIN.replace('@', '@@'),
  ]) {
    expect(await answerTo(address)).toEqual(expected)
  }
  await desk.linkFor(ADMIN)
  expect(desk.mails().map(({ to }) => to)).toEqual([ADMIN])
})

test('the mail goes to the address in the configuration, however it was typed', async () => {
  const desk = await servedDesk({ admins: ['Chef@bücher.example'] })
  await askForLink(desk, 'chef@BÜCHER.example')
  await askForLink(desk, 'CHEF@xn--bcher-kva.example')
  const mails = await waitUntil('two mails', () => desk.mails().length === 2 && desk.mails())
  expect(mails.map(({ to }) => to)).toEqual(['Chef@bücher.example', 'Chef@bücher.example'])
})

test('a link works once: replays, double clicks and later visits are refused', async () => {
  const desk = await servedDesk()
  const { browser } = await askForLink(desk, ADMIN)
  const link = await desk.linkFor(ADMIN)
  await browser.get(link)
  const clicks = await Promise.all([browser.post(link), browser.post(link), browser.post(link)])
  expect(clicks.map(({ status }) => status).sort()).toEqual([303, 403, 403])
  expect(await rows(desk, 'digest_session')).toHaveLength(1)
  const again = await browser.get(link)
  expect(again).toMatchObject({ status: 403, text: expect.stringContaining('SIGN_IN_FAILED') })
})

test('opening a link does not use it up, in any browser and however often', async () => {
  const desk = await servedDesk()
  const { browser } = await askForLink(desk, ADMIN)
  const link = await desk.linkFor(ADMIN)
  for (let look = 0; look < 3; look += 1)
    expect(await desk.browser().get(link)).toMatchObject({ status: 403 })
  for (let look = 0; look < 3; look += 1) await browser.get(link)
  expect(await browser.post(link)).toMatchObject({ status: 303 })
})

test('a link works only in the browser that asked for it', async () => {
  const desk = await servedDesk()
  await askForLink(desk, ADMIN)
  const link = await desk.linkFor(ADMIN)
  const other = desk.browser()
  await other.get('/admin/sign-in')
  expect(await other.post(link)).toMatchObject({
    status: 403,
    text: expect.stringContaining('SIGN_IN_FAILED'),
  })
  expect(await desk.browser().post(link)).toMatchObject({ status: 403 })
  expect(await rows(desk, 'digest_session')).toEqual([])
})

test.each([
  ['is older than 15 minutes', 15 * MINUTE, 403],
  ['is just young enough', 15 * MINUTE - 1, 303],
])('a link that %s', async (_, later, status) => {
  const desk = await servedDesk()
  const { browser } = await askForLink(desk, ADMIN)
  const link = await desk.linkFor(ADMIN)
  await browser.get(link)
  desk.time.now += later
  expect(await browser.post(link)).toMatchObject({ status })
})

test('a link that was never issued is refused', async () => {
  const desk = await servedDesk()
  const { browser } = await askForLink(desk, ADMIN)
  for (const token of ['guessed', 'A'.repeat(43), 'sent/', '%00', '..%2f..']) {
    const { status } = await browser.post(`/admin/sign-in/${token}`)
    expect([token, status]).toEqual([token, token === 'sent/' ? 401 : 403])
  }
  expect(await rows(desk, 'digest_session')).toEqual([])
})

test('links, browsers and sessions are stored as hashes only', async () => {
  const desk = await servedDesk()
  const { browser } = await askForLink(desk, ADMIN)
  const link = await desk.linkFor(ADMIN)
  const secret = browser.cookies.get('__Host-amavis-digest-browser')?.value
  await browser.get(link)
  await browser.post(link)
  const stored = JSON.stringify([
    await rows(desk, 'digest_sign_in'),
    await rows(desk, 'digest_session'),
    await rows(desk, 'digest_audit'),
  ])
  expect(stored).not.toContain(link.split('/').at(-1))
  expect(stored).not.toContain(browser.cookies.get(SESSION)?.value)
  expect(stored).not.toContain(secret)
  const secrets = [await rows(desk, 'digest_sign_in'), await rows(desk, 'digest_session')].flat()
  expect(secrets).toHaveLength(2)
})

test('one browser has at most three unused links; then the answer is the same, and nothing is sent', async () => {
  const desk = await servedDesk()
  const first = await askForLink(desk, ADMIN)
  for (let count = 2; count <= 5; count += 1) {
    await first.browser.get('/admin/sign-in')
    expect(await first.browser.post('/admin/sign-in', { address: ADMIN })).toMatchObject({
      location: first.answer.location,
    })
  }
  await askForLink(desk, DOMAIN_ADMIN)
  await desk.linkFor(DOMAIN_ADMIN)
  expect(desk.mails().filter(({ to }) => to === ADMIN)).toHaveLength(3)
  // A mail is recorded after it was sent.
  const lines = await waitUntil('all five audit lines', async () => {
    const audit = await rows(desk, 'digest_audit')
    return audit.length === 5 && audit
  })
  expect(lines.map(({ outcome }) => outcome)).toEqual(['sent', 'sent', 'sent', 'too-many', 'sent'])
  expect(await first.browser.post(await desk.linkFor(ADMIN, 1))).toMatchObject({ status: 303 })
  first.browser.cookies.delete(SESSION)
  await first.browser.get('/admin/sign-in')
  await first.browser.post('/admin/sign-in', { address: ADMIN })
  await desk.linkFor(ADMIN, 4)
})

test('strangers cannot keep an admin out of a browser that has signed in before', async () => {
  const desk = await servedDesk({ http: { port: 0, trustProxy: ['127.0.0.1'] } })
  const { browser } = await askForLink(desk, ADMIN)
  const link = await desk.linkFor(ADMIN)
  await browser.get(link)
  await browser.post(link)
  await browser.get('/admin')
  await browser.post('/admin/sign-out')
  for (let count = 1; count <= 9; count += 1) {
    const stranger = desk.browser({ 'x-forwarded-for': `192.0.2.${count}` })
    await stranger.get('/admin/sign-in')
    await stranger.post('/admin/sign-in', { address: ADMIN })
  }
  await browser.get('/admin/sign-in')
  await browser.post('/admin/sign-in', { address: ADMIN })
  // Three went to strangers, who are all in one network.
  const own = await desk.linkFor(ADMIN, 5)
  expect(await browser.post(own)).toMatchObject({ status: 303 })
})

test('forms that other sites send do not count towards the limit of the network address', async () => {
  const desk = await servedDesk()
  const browser = desk.browser()
  await browser.get('/admin/sign-in')
  for (let count = 1; count <= 20; count += 1) {
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    const { status } = await browser.post('/admin/sign-in', { address: ADMIN, form: '' }, foreign)
    expect(status).toBe(403)
  }
  await browser.get('/admin/sign-in')
  await browser.post('/admin/sign-in', { address: ADMIN })
  await desk.linkFor(ADMIN)
})

test('a network address that never stops asking keeps nobody else from signing in', async () => {
  const desk = await servedDesk({ http: { port: 0, trustProxy: ['127.0.0.1'], perAddress: 10_000 } })
  const flood = desk.browser({ 'x-forwarded-for': '192.0.2.1' })
  await flood.get('/admin/sign-in')
  for (let count = 1; count <= 80; count += 1)
    await flood.post('/admin/sign-in', { address: 'mallory@example.net' })
  const other = desk.browser({ 'x-forwarded-for': '198.51.100.1' })
  await other.get('/admin/sign-in')
  await other.post('/admin/sign-in', { address: ADMIN })
  await desk.linkFor(ADMIN)
})

test('one network address can ask for ten links in a quarter of an hour; then the answer is the same', async () => {
  const desk = await servedDesk({ http: { port: 0, trustProxy: ['127.0.0.1'] } })
  const browser = desk.browser({ 'x-forwarded-for': '192.0.2.1' })
  await browser.get('/admin/sign-in')
  for (let count = 1; count <= 10; count += 1)
    await browser.post('/admin/sign-in', { address: 'mallory@example.net' })
  expect(await browser.post('/admin/sign-in', { address: ADMIN })).toMatchObject({
    status: 303,
    location: '/admin/sign-in/sent',
  })
  const elsewhere = { 'x-forwarded-for': '198.51.100.1' }
  await browser.post('/admin/sign-in', { address: DOMAIN_ADMIN }, elsewhere)
  await desk.linkFor(DOMAIN_ADMIN)
  // Links are made in the order in which they were asked for.
  expect(desk.mails().map(({ to }) => to)).toEqual([DOMAIN_ADMIN])
})

test('a session begins under a new id, and the browser’s former session ends', async () => {
  const desk = await servedDesk()
  const browser = desk.browser()
  const planted = 'P'.repeat(43)
  browser.cookies.set(SESSION, { name: SESSION, value: planted })
  await browser.get('/admin/sign-in')
  await browser.post('/admin/sign-in', { address: ADMIN })
  const link = await desk.linkFor(ADMIN)
  await browser.get(link)
  await browser.post(link)
  const first = browser.cookies.get(SESSION)
  expect(first?.value).toMatch(/^[\w-]{43}$/)
  expect(first?.value).not.toBe(planted)

  const before = { ...first, name: SESSION, value: first?.value }
  browser.cookies.delete(SESSION)
  await browser.get('/admin/sign-in')
  await browser.post('/admin/sign-in', { address: ADMIN })
  const second = await desk.linkFor(ADMIN, 2)
  await browser.get(second)
  browser.cookies.set(SESSION, before)
  await browser.post(second)
  expect(browser.cookies.get(SESSION)?.value).not.toBe(before.value)
  expect(await rows(desk, 'digest_session')).toHaveLength(1)
})

test('the cookies are for this host only, hidden from scripts, and not sent from other sites', async () => {
  const desk = await servedDesk()
  const { answer, browser } = await askForLink(desk, ADMIN)
  expect(answer.headers.getSetCookie()).toEqual([
    expect.stringMatching(
      /^__Host-amavis-digest-browser=[\w-]{43}; Max-Age=15552000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    ),
  ])
  const link = await desk.linkFor(ADMIN)
  await browser.get(link)
  const signedIn = await browser.post(link)
  expect(signedIn.headers.getSetCookie()).toEqual([
    expect.stringMatching(
      /^__Host-amavis-digest=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    ),
    // Kept, so that this browser is recognised.
    expect.stringMatching(/^__Host-amavis-digest-browser=[\w-]{43}; Max-Age=15552000; .*Secure/),
    expect.stringMatching(/^__Host-amavis-digest-back=; Max-Age=0; .*Secure/),
  ])
})

test('with an http: publicUrl, as in the demo, cookies have neither Secure nor the prefix', async () => {
  const desk = await servedDesk({ publicUrl: 'http://127.0.0.1:8080' })
  const { browser } = await askForLink(desk, ADMIN)
  const link = await desk.linkFor(ADMIN)
  await browser.get(link)
  await browser.post(link)
  expect([...browser.cookies.keys()]).toEqual(['amavis-digest-browser', 'amavis-digest'])
  expect(browser.cookies.get('amavis-digest')).toMatchObject({
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
  })
  expect(await browser.get('/admin')).toMatchObject({ status: 200 })
})

test('every URL begins with the path of publicUrl, whether the proxy strips it or not', async () => {
  const desk = await servedDesk({ publicUrl: 'https://mail.example.com/held' })
  const browser = desk.browser()
  expect(await browser.get('/held/admin/readers?q=a')).toMatchObject({
    location: '/held/admin/sign-in?back=%2Fheld%2Fadmin%2Freaders%3Fq%3Da',
  })
  await browser.get('/held/admin/sign-in?back=%2Fheld%2Fadmin%2Freaders%3Fq%3Da')
  expect(await browser.post('/held/admin/sign-in', { address: ADMIN })).toMatchObject({
    location: '/held/admin/sign-in/sent',
  })
  const link = await desk.linkFor(ADMIN)
  expect(link).toMatch(/^\/held\/admin\/sign-in\//)
  await browser.get(link)
  expect(await browser.post(link)).toMatchObject({ location: '/held/admin/readers?q=a' })
  expect(browser.cookies.get(SESSION)?.path).toBe('/')
  for (const path of ['/held/admin', '/admin']) {
    const { status, text } = await browser.get(path)
    expect(status).toBe(200)
    const addresses = [...text.matchAll(/(?:href|action)="(\/[^"]*)"/g)].map(([, address]) => address ?? '')
    expect(addresses.length).toBeGreaterThan(6)
    expect(addresses.filter(address => !address.startsWith('/held/admin'))).toEqual([])
  }
})

test('after the sign-in the browser goes to the page that was requested, and never to another site', async () => {
  const desk = await servedDesk()
  const afterSignIn = async (back: string, count: number) => {
    const browser = desk.browser()
    await browser.get(`/admin/sign-in?${new URLSearchParams({ back })}`)
    await browser.post('/admin/sign-in', { address: ADMIN })
    const link = await desk.linkFor(ADMIN, count)
    await browser.get(link)
    return (await browser.post(link)).location
  }
  expect(await afterSignIn('/admin/readers?q=alice%40example.com', 1)).toBe(
    '/admin/readers?q=alice%40example.com',
  )
  expect(await afterSignIn('//evil.example/admin', 2)).toBe('/admin')
})

test('the path to go back to is validated again when it comes from its cookie', async () => {
  const desk = await servedDesk()
  const { browser } = await askForLink(desk, ADMIN)
  const name = '__Host-amavis-digest-back'
  browser.cookies.set(name, { name, value: encodeURIComponent('/release/TOKEN') })
  const link = await desk.linkFor(ADMIN)
  await browser.get(link)
  expect(await browser.post(link)).toMatchObject({ status: 303, location: '/admin' })
})

test.each([
  ['not used for two hours', 1, 2 * HOUR],
  ['older than twelve hours', 13, HOUR],
])('a session is over when it is %s', async (_, times, pause) => {
  const desk = await servedDesk()
  const browser = await desk.signedIn()
  for (let time = 1; time < times; time += 1) {
    expect(await browser.get('/admin')).toMatchObject({ status: time <= 12 ? 200 : 303 })
    desk.time.now += pause
  }
  desk.time.now += times === 1 ? pause - 1 : 0
  expect(await browser.get('/admin')).toMatchObject({ status: times === 1 ? 200 : 303 })
  desk.time.now += pause
  expect(await browser.get('/admin')).toMatchObject({ status: 303 })
})

test('a session is written at most once a minute', async () => {
  const desk = await servedDesk()
  const browser = await desk.signedIn()
  const seenAt = async () => Number((await rows(desk, 'digest_session'))[0]?.seen_at)
  const begun = await seenAt()
  desk.time.now += MINUTE - 1
  await browser.get('/admin')
  expect(await seenAt()).toBe(begun)
  desk.time.now += 1
  await browser.get('/admin')
  expect(await seenAt()).toBe(begun + MINUTE)
})

test('signing out on all devices ends all sessions of this admin, and of nobody else', async () => {
  const desk = await servedDesk()
  const [one, two, other] = [await desk.signedIn(), await desk.signedIn(), await desk.signedIn(DOMAIN_ADMIN)]
  await one.get('/admin')
  await one.post('/admin/sign-out', { everywhere: 'yes' })
  expect(await two.get('/admin')).toMatchObject({ status: 303 })
  expect(await other.get('/admin')).toMatchObject({ status: 200 })
})

test('an admin who is removed from the configuration loses the session and the link at once', async () => {
  const desk = await servedDesk()
  const signedIn = await desk.signedIn(DOMAIN_ADMIN)
  const { browser } = await askForLink(desk, DOMAIN_ADMIN)
  const link = await desk.linkFor(DOMAIN_ADMIN)
  const without = await desk.again({ admins: [ADMIN] })
  const [session, waiting] = [without.browser(), without.browser()]
  for (const cookie of signedIn.cookies.values()) session.cookies.set(cookie.name, cookie)
  for (const cookie of browser.cookies.values()) waiting.cookies.set(cookie.name, cookie)
  expect(await session.get('/admin')).toMatchObject({ status: 303 })
  await waiting.get('/admin/sign-in')
  expect(await waiting.get(link)).toMatchObject({ status: 403 })
  expect(await waiting.post(link)).toMatchObject({ status: 403 })
})

test('a reach that was changed in the configuration applies at once', async () => {
  const desk = await servedDesk()
  const browser = await desk.signedIn(DOMAIN_ADMIN)
  expect((await browser.get('/admin')).text).toContain('(example.org)')
  const changed = await desk.again({ admins: [{ address: DOMAIN_ADMIN, domains: ['example.net'] }] })
  const same = changed.browser()
  for (const cookie of browser.cookies.values()) same.cookies.set(cookie.name, cookie)
  expect((await same.get('/admin')).text).toContain('(example.net)')
})

/** Opens a browser and asks for a link. */
async function askForLink(desk: ServedDesk, address: string) {
  const browser: TestBrowser = desk.browser()
  await browser.get('/admin/sign-in')
  const answer = await browser.post('/admin/sign-in', { address })
  return { browser, answer }
}

/** Removes the nonces, which are random in each answer. */
const withoutNonces = (html: string) => html.replace(/nonce="[^"]*"/g, '')

const rows = (
  { database }: ServedDesk,
  table: 'digest_session' | 'digest_audit' | 'digest_sign_in',
): Promise<Record<string, unknown>[]> => database.state.sql.selectFrom(table).selectAll().execute()
