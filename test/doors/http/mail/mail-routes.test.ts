import { expect, onTestFinished, test } from 'vitest'
import { MINUTE } from '../../../../src/ground/durations.ts'
import { sqliteTables } from '../../../embedded/directory-tables.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { itemRow } from '../../../embedded/rows.ts'
import { createLookupTables, SCHEMAS } from '../../../embedded/sender-tables.ts'
import { startScriptedServer } from '../../../servers/scripted-server.ts'
import type { TestBrowser } from '../../../servers/test-browser.ts'
import { waitUntil } from '../../../servers/wait.ts'
import { ADMIN, type ServedDesk, servedDesk } from '../admin/served-desk.ts'

const ALICE = 'alice@example.com'
const BOB = 'bob@example.com'
const SESSION = '__Host-amavis-digest-reader'

test('a reader signs in by a link in a mail to their own mailbox, sees the settings, and signs out', async () => {
  const desk = await deskOf(ALICE)
  const browser = desk.browser()
  expect(await browser.get('/mail/settings')).toMatchObject({
    status: 303,
    location: '/?back=%2Fmail%2Fsettings',
  })
  await browser.get('/?back=/mail/settings')
  expect(await browser.post('/', { address: ' Alice@EXAMPLE.com ' })).toMatchObject({
    status: 303,
    location: '/sign-in/sent',
  })
  expect((await browser.get('/sign-in/sent')).text).toContain('Check your mailbox')
  const link = await linkFor(desk, ALICE)
  const [mail] = desk.mails()
  expect(mail?.subject).toBe('Your sign-in link for the mail quarantine')
  expect(mail?.text).toContain('This link signs you in to the mail quarantine')
  expect((await desk.browser().get(link)).status).toBe(403)
  expect((await browser.get(link)).text).toContain('One last step')
  expect(await browser.post(link)).toMatchObject({ status: 303, location: '/mail/settings' })

  const page = await browser.get('/mail/settings')
  expect(page.text).toContain('aria-current="page">Settings')
  expect(page.headers.get('vary')).toContain('Cookie')
  expect(await browser.post('/mail/settings', { pause: 'week' })).toMatchObject({
    status: 303,
    location: '/mail/settings?done=paused',
  })
  expect((await browser.get('/mail/settings?done=paused')).text).toContain('paused')
  expect(await browser.get('/')).toMatchObject({ status: 303, location: '/mail' })
  await browser.get('/mail')
  expect(await browser.post('/mail/sign-out')).toMatchObject({ status: 303, location: '/' })
  expect(browser.cookies.has(SESSION)).toBe(false)
  expect((await browser.get('/mail')).status).toBe(303)
})

test('a form of another site, and one without its token, change nothing', async () => {
  const desk = await deskOf(ALICE)
  const browser = await signedIn(desk, ALICE)
  await browser.get('/mail/settings')
  expect((await browser.post('/mail/settings', { pause: 'week', form: 'x' })).status).toBe(403)
  expect(
    (await browser.post('/mail/settings', { pause: 'week' }, { origin: 'https://evil.example' })).status,
  ).toBe(403)
  expect((await browser.get('/mail/settings/')).text).not.toContain('name="resume"')
})

test('a search of 10 kB is refused with a sentence', async () => {
  const browser = await signedIn(await deskOf(ALICE), ALICE)
  const page = await browser.get(`/mail?q=${'x'.repeat(10_000)}`)
  expect(page.status).toBe(400)
  expect(page.text).toContain('A search has at most 1,000 characters: leave some words out.')
})

test('a session of a reader opens no page of an admin, and the other way round', async () => {
  const desk = await deskOf(ALICE, ADMIN)
  const reader = await signedIn(desk, ALICE)
  expect(await reader.get('/admin')).toMatchObject({ status: 303 })
  const admin = await desk.signedIn()
  expect((await admin.get('/admin')).status).toBe(200)
  expect(await admin.get('/mail')).toMatchObject({ status: 303 })
})

test('strangers get the same answer, and no mail: neither to unknown addresses nor to texts that are none', async () => {
  const desk = await deskOf(ALICE)
  for (const address of ['stranger@example.net', 'no address', '', 'x'.repeat(4000)]) {
    const browser = desk.browser()
    await browser.get('/')
    expect(await browser.post('/', { address })).toMatchObject({ status: 303, location: '/sign-in/sent' })
  }
  await linkFor(desk, ALICE, await asked(desk, ALICE))
  expect(desk.mails().map(({ to }) => to)).toEqual([ALICE])
})

test('without links by mail and without another way, the page says where held mail is', async () => {
  const desk = await deskOf(ALICE)
  const closed = await desk.again({ signIn: { link: false } })
  const browser = closed.browser()
  expect((await browser.get('/')).text).toContain('behind the links in your digests')
})

test('a form of another browser, and one for links that are mailed no more, lead back to the page to sign in on', async () => {
  const desk = await deskOf(ALICE)
  const browser = desk.browser()
  await browser.get('/')
  const stale = await desk.browser().post('/', { address: ALICE })
  const closed = await desk.again({ signIn: { link: false } })
  const visitor = closed.browser()
  const { text } = await browser.get('/')
  await visitor.get('/')
  const [, form = ''] = /name="form" value="([^"]+)"/.exec(text) ?? []
  for (const answer of [stale, await visitor.post('/', { address: ALICE, form }), await visitor.post('/')]) {
    expect(answer.status).toBe(403)
    expect(answer.text).toContain('open for too long')
    expect(answer.text).toMatch(/href="\/"[^>]*>Sign in/)
  }
  expect(desk.mails()).toEqual([])
})

test('an unreachable IMAP server is told apart from a wrong password, and no password is kept anywhere', async () => {
  await using server = await startScriptedServer(socket => socket.end('* BYE no\r\n'))
  const desk = await deskOf(ALICE)
  const withImap = await desk.again({
    signIn: { imap: { url: `imaps://localhost:${server.port}` }, timeout: '2s' },
  })
  const browser = withImap.browser()
  await browser.get('/')
  const answer = await browser.post('/', { address: ALICE, password: 'Tr0ub4dor&3', by: 'password' })
  expect(answer.status).toBe(503)
  expect(answer.text).toContain('isn’t answering')
  expect(answer.text).toContain(`value="${ALICE}"`)
  expect(answer.text).not.toContain('Tr0ub4dor')
  expect(await browser.post('/', { address: ALICE, password: '', by: 'password' })).toMatchObject({
    status: 400,
  })
  expect(await desk.database.state.sql.selectFrom('digest_attempt').selectAll().execute()).toEqual([])
  expect(
    JSON.stringify(await desk.database.state.sql.selectFrom('digest_audit').selectAll().execute()),
  ).not.toContain('Tr0ub')
})

test('a header signs a reader in only if it comes from a proxy that is configured for it', async () => {
  const desk = await deskOf(ALICE)
  const header = { name: 'X-Forwarded-Email', proxies: ['127.0.0.0/8'] }
  const http = { port: 0, perAddress: 10_000 }
  const trusting = await desk.again({ signIn: { header }, http: { ...http, trustProxy: ['127.0.0.1'] } })
  const browser = trusting.browser()
  const page = await browser.get('/mail/settings', { 'x-forwarded-email': 'ALICE@example.com' })
  expect(page.text).toContain(ALICE)
  expect(page.text).not.toContain('Sign out')
  const pause = await browser.post('/mail/settings', { pause: 'week' }, { 'x-forwarded-email': ALICE })
  expect(pause.status).toBe(303)
  expect((await browser.get('/mail', { 'x-forwarded-email': 'a@example.com, b@example.com' })).status).toBe(
    303,
  )
  expect((await browser.get('/mail')).status).toBe(303)
  expect((await browser.get('/admin', { 'x-forwarded-email': ADMIN })).status).toBe(303)
  const untrusting = await desk.again({ signIn: { header }, http })
  expect((await untrusting.browser().get('/mail', { 'x-forwarded-email': ALICE })).status).toBe(303)
  const admins = await desk.again({
    signIn: { header, admins: ['header'] },
    http: { ...http, trustProxy: ['127.0.0.1'] },
  })
  expect((await admins.browser().get('/admin', { 'x-forwarded-email': ADMIN })).status).toBe(200)
  expect((await admins.browser().get('/admin', { 'x-forwarded-email': ALICE })).status).toBe(303)
})

test('with publicUrl at /mail, readers and the rest are found, whether the proxy strips the path or not', async () => {
  const desk = await deskOf(ALICE)
  const below = await desk.again({ publicUrl: 'https://example.com/mail' })
  expect((await below.browser().get('/mail/')).status).toBe(200)
  expect((await below.browser().get('/')).status).toBe(200)
  for (const path of ['/mail', '/mail/mail'])
    expect(await below.browser().get(path)).toMatchObject({
      status: 303,
      location: expect.stringMatching(/^\/mail\/\?back=/),
    })
  expect((await below.browser().get('/mail/admin/sign-in')).status).toBe(200)
})

test('two readers of one address both see its mail; one whose mailbox is removed is signed out', async () => {
  await using tables = await sqliteTables()
  await tables.query('CREATE TABLE readers (address TEXT, reader TEXT)')
  const rows = [ALICE, BOB].flatMap(reader => [
    [reader, reader],
    ['sales@example.com', reader],
  ])
  for (const row of rows) await tables.query('INSERT INTO readers VALUES (?, ?)', row)
  const desk = await servedDesk({
    directory: {
      kind: 'sql',
      url: tables.url,
      query: 'SELECT reader FROM readers WHERE address = :address',
      refresh: '1s',
    },
  })
  await hold(desk.database.storage, {
    recipient: 'sales@example.com',
    subject: 'For sales',
    receivedAt: desk.time.clock(),
  })
  await desk.app.collect()
  const [alice, bob] = [await signedIn(desk, ALICE), await signedIn(desk, BOB)]
  for (const reader of [alice, bob]) expect((await reader.get('/mail')).text).toContain('For sales')

  await tables.query('DELETE FROM readers WHERE reader = ?', [BOB])
  expect((await bob.post('/mail/settings', { pause: 'week' })).status).toBe(401)
  expect(await bob.get('/mail')).toMatchObject({ status: 303, location: '/?back=%2Fmail' })
  expect((await alice.get('/mail')).status).toBe(200)
  // The session stays over, even where the mailbox comes back.
  await tables.query('INSERT INTO readers VALUES (?, ?)', [BOB, BOB])
  expect((await bob.get('/mail')).status).toBe(303)
})

test('a session is over after two hours without use', async () => {
  const desk = await deskOf(ALICE)
  const browser = await signedIn(desk, ALICE)
  desk.time.now += 119 * MINUTE
  expect((await browser.get('/mail')).status).toBe(200)
  desk.time.now += 121 * MINUTE
  expect((await browser.get('/mail')).status).toBe(303)
})

/** A desk at which these readers have mail. */
test('a reader keeps lists: sees what an entry would do, saves it, takes it back and puts it back', async () => {
  const lists = await sqliteTables()
  onTestFinished(() => lists[Symbol.asyncDispose]())
  await createLookupTables(lists, SCHEMAS.sqlite)
  const desk = await withReaders(await servedDesk({ senders: { kind: 'amavis', url: lists.url } }), [
    ALICE,
    BOB,
  ])
  await hold(desk.database.storage, { recipient: ALICE, receivedAt: desk.time.clock() - MINUTE })
  const browser = await signedIn(desk, ALICE)
  expect((await browser.get('/mail')).text).toContain('href="/mail/senders"')
  expect((await browser.get('/mail/settings')).text).toContain('Senders you have allowed or blocked')
  const asked = await browser.get(`/mail/senders?of=${ALICE}&sender=Sam@Sender.example.net&list=allow`)
  expect(asked.text).toContain(
    'Allowing this sender would have let in 1 other spam message of the last 30 days.',
  )
  expect(asked.text).toContain('Forged mail gets in, too')
  expect(asked.text).toContain('Nobody is on this list.')

  const set = { do: 'set', of: ALICE, sender: 'Sam@Sender.example.net', list: 'allow' }
  const saved = await browser.post('/mail/senders', set)
  expect(saved).toMatchObject({ status: 303 })
  expect(saved.location).toContain('done=allowed')
  const shown = await browser.get(saved.location ?? '')
  expect(shown.text).toContain('sam@sender.example.net')
  expect(shown.text).toContain('Take it back')
  const removed = await browser.post('/mail/senders', {
    ...set,
    do: 'remove',
    sender: 'sam@sender.example.net',
  })
  const undo = await browser.get(removed.location ?? '')
  expect(undo.text).toContain('Undo')
  expect(undo.text).toContain('Nobody is on this list.')
  // The link of a notice claims nothing once it is not so, or never was.
  expect((await browser.get(saved.location ?? '')).text).not.toContain('Saved: from now on')

  await browser.post('/mail/senders', { ...set, list: 'block' })
  const again = await browser.get(`/mail/senders?of=${ALICE}&sender=Sam@Sender.example.net&list=allow`)
  expect(again.text).toContain('Mail from this sender is always held.')
  const replaced = await browser.post('/mail/senders', set)
  const back = await browser.get(replaced.location ?? '')
  expect(back.text).toMatch(/name="list" value="block">\s*<button[^>]*value="set">Undo/)

  expect(await browser.post('/mail/senders', { ...set, sender: '*@shop.example' })).toMatchObject({
    status: 400,
    text: expect.stringContaining('The sender was not allowed.'),
  })
  expect((await browser.post('/mail/senders', { ...set, of: BOB })).status).toBe(403)
  expect((await browser.get(`/mail/senders?of=${BOB}`)).status).toBe(403)
})

test('10,000 entries come page by page', async () => {
  const lists = await sqliteTables()
  onTestFinished(() => lists[Symbol.asyncDispose]())
  await createLookupTables(lists, SCHEMAS.sqlite)
  const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)'
  await lists.query("INSERT INTO users (id, email) VALUES (1, 'alice@example.com')")
  await lists.query(`INSERT INTO mailaddr (id, email) ${numbers} SELECT i, 'a' || i || '@x.example' FROM n`)
  await lists.query(`INSERT INTO wblist (rid, sid, wb) ${numbers} SELECT 1, i, 'B' FROM n`)
  const desk = await withReaders(await servedDesk({ senders: { kind: 'amavis', url: lists.url } }), [ALICE])
  const browser = await signedIn(desk, ALICE)
  const last = await browser.get('/mail/senders?page=50')
  expect(last.text).toContain('10,000')
  expect(last.text).toContain('a9999@x.example')
  expect(last.text.length).toBeLessThan(300_000)
  expect((await browser.get('/mail/senders?page=51')).text).toContain('a9999@x.example')
  const set = { do: 'set', of: ALICE, sender: 'sam@shop.example', list: 'allow' }
  expect(await browser.post('/mail/senders', set)).toMatchObject({
    status: 409,
    text: expect.stringContaining('Remove an entry before you add another.'),
  })
})

test('where no lists are kept, there is no page of them', async () => {
  const browser = await signedIn(await deskOf(ALICE), ALICE)
  expect((await browser.get('/mail')).text).not.toContain('/mail/senders')
  expect((await browser.get('/mail/senders')).status).toBe(403)
})

async function deskOf(...readers: readonly string[]): Promise<ServedDesk> {
  return withReaders(await servedDesk(), readers)
}

async function withReaders(desk: ServedDesk, readers: readonly string[]): Promise<ServedDesk> {
  const rows = readers.map((reader, index) => itemRow(`item-${index}`, reader, desk.time.clock()))
  await desk.database.state.sql.insertInto('digest_item').values(rows).execute()
  return desk
}

async function asked(desk: ServedDesk, address: string): Promise<TestBrowser> {
  const browser = desk.browser()
  await browser.get('/')
  await browser.post('/', { address })
  return browser
}

const linkFor = (desk: ServedDesk, address: string, _asked?: TestBrowser): Promise<string> =>
  waitUntil(`link for ${address}`, () => {
    const mail = desk.mails().find(({ to }) => to === address)
    const url = /https?:\S+\/sign-in\/[\w-]{43}/.exec(mail?.text ?? '')?.[0]
    return url && new URL(url).pathname
  })

async function signedIn(desk: ServedDesk, address: string): Promise<TestBrowser> {
  const browser = await asked(desk, address)
  const link = await linkFor(desk, address)
  await browser.get(link)
  await browser.post(link)
  return browser
}
