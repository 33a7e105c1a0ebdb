import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { SIGN_IN_LIMITS } from '../../../../../src/composition/sign-ins-of.ts'
import { deskPages } from '../../../../../src/doors/http/admin/desk-pages.ts'
import { asPath, readerInPath } from '../../../../../src/doors/http/admin/frame/as-path.ts'
import { heldPages } from '../../../../../src/doors/http/admin/held/held-pages.ts'
import { SAMPLE_DESK } from '../../../../../src/doors/http/samples/sample-desk.ts'
import { HOUR, MINUTE } from '../../../../../src/ground/durations.ts'
import { beginSession } from '../../../../../src/ground/sign-in/sessions.ts'
import { sqliteTables } from '../../../../embedded/directory-tables.ts'
import { hold } from '../../../../embedded/held-mail.ts'
import { createLookupTables, SCHEMAS } from '../../../../embedded/sender-tables.ts'
import { ADMIN, type ServedDesk, servedDesk } from '../served-desk.ts'

const ALICE = 'alice@example.com'
const CARL = 'carl@other.example'
const REF = '0.own.1'
const LOOKS = { address: 'look@example.com', domains: ['example.com'], role: 'helpDesk' as const }
const RELEASES = { ...LOOKS, address: 'help@example.com', release: true }

let desk: ServedDesk
const cleanUps: (() => Promise<void>)[] = []

beforeAll(async () => {
  desk = await servedDesk({ admins: [ADMIN, LOOKS, RELEASES] }, cleanUp => cleanUps.push(cleanUp))
  const mail = { mailId: 'own', rseqnum: 1, subject: 'A subject', receivedAt: desk.time.clock() - HOUR }
  await hold(desk.database.storage, { ...mail, recipient: ALICE })
  await hold(desk.database.storage, { ...mail, mailId: 'carls', recipient: CARL })
})

afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})

test('the help desk is refused every other page of the admins, and forms sent by hand', async () => {
  const browser = await desk.signedIn(RELEASES.address)
  await browser.get('/admin/as')
  const pages = [...deskPages({ desk: SAMPLE_DESK } as never), ...heldPages({} as never)]
  expect(pages.length).toBeGreaterThan(20)
  for (const { path, get, post } of pages) {
    const at = path.replace(/:\w+/g, REF)
    if (get) expect([at, (await browser.get(at)).status]).toEqual([at, 403])
    const sent = await browser.post(at, { whom: ALICE, do: 'delete' })
    expect([at, sent.status]).toEqual([at, post ? 403 : 405])
  }
  expect((await browser.get('/api/v1/held')).status).toBe(401)
  expect((await browser.get('/mail')).status).toBe(303)
  expect(await browser.get('/admin')).toMatchObject({ status: 303, location: '/admin/as' })
  const found = await browser.get('/admin/as?search=alice@example.com')
  expect(found.text).toContain('href="/admin/as/alice@example.com"')
  expect(found.text).not.toContain('/admin/held')
})

test('readers out of reach and readers who do not exist are answered alike', async () => {
  const browser = await desk.signedIn(LOOKS.address)
  const answers = await Promise.all(
    [CARL, 'nobody@nowhere.example', 'nonsense', '~E9'].map(reader => browser.get(`/admin/as/${reader}`)),
  )
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404])
  expect(answers[0]?.text.replaceAll(/nonce="[^"]*"/g, '')).toBe(
    answers[1]?.text.replaceAll(/nonce="[^"]*"/g, ''),
  )
  expect((await browser.get(`/admin/as?search=${CARL}`)).text).not.toContain(`/admin/as/${CARL}`)
})

test('who may only look sees no button, and can do nothing by hand either', async () => {
  const browser = await desk.signedIn(LOOKS.address)
  const list = await browser.get(`/admin/as/${ALICE}`)
  expect(list.text).toContain('A subject')
  expect(list.text).toMatch(/You see what .*alice@example\.com.* sees\./)
  expect(list.text).not.toMatch(/name="one"|name="act"|name="message"/)
  const page = await browser.get(`/admin/as/${ALICE}/${REF}`)
  expect(page.status).toBe(200)
  expect(page.text).not.toContain('name="do"')
  for (const [path, form] of [
    [`/${REF}`, { do: 'release' }],
    [`/${REF}`, { do: 'delete' }],
    [`/${REF}`, { do: 'learn-spam' }],
    ['', { one: `delete:${REF}` }],
    ['', { act: 'delete', message: REF }],
    ['/bulk', { act: 'delete' }],
  ] as const)
    expect((await browser.post(`/admin/as/${ALICE}${path}`, form)).status).toBe(403)
  expect((await browser.post(`/admin/as/${ALICE}/settings`, { pause: 'yes' })).status).toBe(405)
  expect(await browser.get(`/admin/as/${ALICE}/settings`)).toMatchObject({ status: 200 })
  const { rs } = await desk.database.storage.sql
    .selectFrom('msgrcpt')
    .select('rs')
    .where('mail_id', '=', 'own')
    .executeTakeFirstOrThrow()
  expect(rs.trim()).toBe('')
})

test('each look is in the audit once in a quarter of an hour, each opening always, and the reader sees them', async () => {
  const { sql } = desk.database.state
  await sql.deleteFrom('digest_audit').execute()
  const browser = await desk.signedIn(LOOKS.address)
  await browser.get(`/admin/as/${ALICE}`)
  await browser.get(`/admin/as/${ALICE}?sort=score`)
  await browser.get(`/admin/as/${ALICE}/summary`)
  await browser.get(`/admin/as/${ALICE}/${REF}`)
  await browser.get(`/admin/as/${ALICE}/${REF}`)
  desk.time.now += 16 * MINUTE
  await browser.get(`/admin/as/${ALICE}`)
  const rows = await sql
    .selectFrom('digest_audit')
    .selectAll()
    .where('action', '=', 'look')
    .orderBy('at')
    .orderBy('outcome')
    .execute()
  expect(rows.map(({ actor, outcome, reader }) => [actor, outcome, reader])).toEqual([
    [LOOKS.address, 'list', ALICE],
    [LOOKS.address, 'message', ALICE],
    [LOOKS.address, 'message', ALICE],
    [LOOKS.address, 'list', ALICE],
  ])
  const reader = await asReader(ALICE)
  expect((await reader.get('/mail')).text).toMatch(/look@example\.com.* looked at your quarantine on/)
  const looks = await reader.get('/mail/looks')
  expect(looks.text.match(/look@example\.com/g)).toHaveLength(4)
  expect(looks.text).toContain(`href="/mail/${REF}"`)
  expect((await (await asReader('bob@example.com')).get('/mail')).text).not.toContain('looked at')
  expect((await (await desk.signedIn()).get('/admin/changes')).text).toContain('Look at what a reader sees')
})

test('what the help desk deletes, the reader takes back', async () => {
  const helper = await desk.signedIn(RELEASES.address)
  await helper.get(`/admin/as/${ALICE}/${REF}`)
  expect((await helper.post(`/admin/as/${ALICE}/${REF}`, { do: 'delete' })).status).toBe(303)
  const reader = await asReader(ALICE)
  await reader.get(`/mail/${REF}`)
  await reader.post(`/mail/${REF}`, { do: 'restore' })
  const { rs } = await desk.database.storage.sql
    .selectFrom('msgrcpt')
    .select('rs')
    .where('mail_id', '=', 'own')
    .executeTakeFirstOrThrow()
  expect(rs.trim()).not.toBe('D')
})

test('what the help desk has begun ends with its role', async () => {
  const helper = await desk.signedIn(RELEASES.address)
  await helper.get(`/admin/as/${ALICE}`)
  const begun = await helper.post(`/admin/as/${ALICE}`, { act: 'delete', message: REF })
  expect(begun.status).toBe(303)
  const without = await desk.again({ admins: [ADMIN, LOOKS] })
  while (await without.app.workOnBulks(new AbortController().signal));
  expect((await helper.get(begun.location ?? '')).text).toContain('1 of 1 done')
  expect((await helper.get(`/admin/as/${ALICE}?q=is:deleted`)).text).not.toContain('A subject')
})

test('the help desk reads the lists of senders, and nobody changes them there', async () => {
  const lists = await sqliteTables()
  onTestFinished(() => lists[Symbol.asyncDispose]())
  await createLookupTables(lists, SCHEMAS.sqlite)
  const keeping = await desk.again({
    admins: [ADMIN, LOOKS, RELEASES],
    senders: { kind: 'amavis', url: lists.url },
  })
  const reader = await asReader(ALICE, keeping)
  await reader.get('/mail/senders')
  const set = { do: 'set', of: ALICE, sender: 'bob@shop.example', list: 'block' }
  expect((await reader.post('/mail/senders', set)).status).toBe(303)
  const helper = await keeping.signedIn(RELEASES.address)
  const page = await helper.get(`/admin/as/${ALICE}/senders`)
  expect(page.text).toContain('bob@shop.example')
  expect(page.text).toContain(`href="/admin/as/${ALICE}/senders"`)
  expect(page.text).not.toMatch(/name="do"|name="sender"/)
  expect((await helper.post(`/admin/as/${ALICE}/senders`, set)).status).toBe(405)
  await helper.get(`/admin/as/${ALICE}/${REF}`)
  const wish = { do: 'block', button: 'yes' }
  const wished = await helper.post(`/admin/as/${ALICE}/${REF}`, wish)
  expect([wished.status, wished.text]).toEqual([403, expect.not.stringContaining('bob@shop.example')])
  expect((await helper.get(`/admin/as/${ALICE}/senders?of=${CARL}`)).status).toBe(403)
  expect((await helper.get(`/admin/as/${CARL}/senders`)).status).toBe(404)
  expect((await reader.get('/mail/looks')).text).toContain('Your allowed and blocked senders')
  // Where readers keep no lists, there is none to look at.
  const without = await desk.signedIn(RELEASES.address)
  expect((await without.get(`/admin/as/${ALICE}`)).text).not.toContain(`/${ALICE}/senders`)
  expect((await without.get(`/admin/as/${ALICE}/senders`)).status).toBe(403)
})

test('the help desk asks an admin for nothing in a reader’s name', async () => {
  const asking = await desk.again({ admins: [ADMIN, LOOKS, RELEASES], policy: { banned: 'request' } })
  const receivedAt = desk.time.clock() - HOUR
  await hold(desk.database.storage, { mailId: 'asked', content: 'B', receivedAt, recipient: ALICE })
  const path = `/admin/as/${ALICE}/0.asked.1`
  const helper = await asking.signedIn(RELEASES.address)
  const page = await helper.get(path)
  expect(page.text).toContain('Only the reader can ask an administrator for this message.')
  expect(page.text).not.toContain('value="release"')
  for (const confirm of ['', 'yes'])
    expect((await helper.post(path, { do: 'release', confirm, button: 'yes' })).status).toBe(403)
  expect(await desk.database.state.sql.selectFrom('digest_request').selectAll().execute()).toEqual([])
  const reader = await asReader(ALICE, asking)
  await reader.get('/mail/0.asked.1')
  await reader.post('/mail/0.asked.1', { do: 'release', confirm: 'yes' })
  // What the reader has asked for, the help desk does not release either.
  await helper.post(path, { do: 'release', confirm: 'yes', button: 'yes' })
  expect((await helper.get(path)).text).toContain('You asked for this message on')
  const readers = await desk.database.state.sql.selectFrom('digest_request_reader').select('reader').execute()
  expect(readers).toEqual([{ reader: ALICE }])
  expect(await desk.database.state.sql.selectFrom('digest_release').selectAll().execute()).toEqual([])
})

test.each([ALICE, "o'brien/sales+x%2f~a@example.com", '"a b"@example.com', 'müller@example.com'])(
  'the path of %s leads back to it',
  address => {
    expect(asPath(address)).not.toMatch(/[%\s]/)
    expect(readerInPath(asPath(address).split('/').at(-1) ?? '')).toBe(address)
  },
)

async function asReader(address: string, at = desk) {
  const browser = at.browser()
  const value = await beginSession(
    { state: desk.database.state, clock: desk.time.clock, limits: SIGN_IN_LIMITS },
    { kind: 'reader', address, mailTo: address },
  )
  const name = '__Host-amavis-digest-reader'
  browser.cookies.set(name, { name, value })
  return browser
}
