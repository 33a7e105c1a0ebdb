import { afterAll, beforeAll, expect, test } from 'vitest'
import { signInChecksOf } from '../../src/composition/sign-in-ways.ts'
import { type ConfigInput, configSchema } from '../../src/ground/config/schema.ts'
import { ADMIN, type ServedDesk, servedDesk } from '../doors/http/admin/served-desk.ts'
import { PUBLIC_URL } from '../embedded/program.ts'
import { type Dovecot, startDovecot } from '../servers/dovecot.ts'
import type { Answer, TestBrowser } from '../servers/test-browser.ts'

const ALICE = 'alice@example.com'
const SECRET = 'Tr0ub4dor&3'
const SESSION = '__Host-amavis-digest-reader'

let dovecot: Dovecot

beforeAll(async () => {
  dovecot = await startDovecot({
    users: { [ALICE]: `{PLAIN}${SECRET}`, [ADMIN]: `{PLAIN}${SECRET}` },
    // All browsers of these tests have one address, which Dovecot would let wait longer after each failure.
    settings: ['service anvil {\n unix_listener anvil-auth-penalty {\n  mode = 0\n }\n}'],
  })
})
afterAll(() => dovecot?.[Symbol.asyncDispose]())

test('a reader signs in with the password of the mailbox, and nothing of it is kept', async () => {
  const desk = await servedDesk(withImap())
  const browser = desk.browser()
  await browser.get('/?back=/mail/settings')
  const wrong = await signIn(browser, ALICE, `${SECRET}x`)
  expect(wrong.status).toBe(403)
  expect(wrong.text).toContain('The address or the password is wrong.')
  expect(await signIn(browser, 'stranger@example.com', SECRET)).toMatchObject({ status: 403 })
  expect(browser.cookies.has(SESSION)).toBe(false)

  expect(await signIn(browser, ' Alice@EXAMPLE.com ', SECRET)).toMatchObject({
    status: 303,
    location: '/mail/settings',
  })
  const page = await browser.get('/mail/settings')
  expect(page).toMatchObject({ status: 200, text: expect.stringContaining(ALICE) })
  expect(page.headers.get('cache-control')).toBe('no-store')

  const [tables, audit] = [await everything(desk), await rows(desk, 'digest_audit')]
  expect(tables).toContain(ALICE)
  expect(tables).not.toMatch(/Tr0ub/)
  expect(audit.map(row => [row.actor_kind, row.actor, row.action, row.outcome])).toEqual([
    ['reader', 'unknown', 'sign-in', 'SIGN_IN_FAILED'],
    ['reader', ALICE, 'sign-in', 'done'],
  ])
  expect(audit.at(-1)?.detail).toBe('imap')
})

test('a session begins under a new id, whatever the browser had before', async () => {
  const desk = await servedDesk(withImap())
  const browser = desk.browser()
  browser.cookies.set(SESSION, { name: SESSION, value: 'x'.repeat(43) })
  await browser.get('/')
  await signIn(browser, ALICE, SECRET)
  const first = browser.cookies.get(SESSION)
  expect(first?.value).toMatch(/^(?!x{43})[\w-]{43}$/)
  await browser.get('/sign-in/sent')
  await signIn(browser, ALICE, SECRET)
  expect(browser.cookies.get(SESSION)?.value).not.toBe(first?.value)
  expect(await rows(desk, 'digest_session')).toHaveLength(1)
})

test('who guesses has to wait, and the owner gets in meanwhile where they have been before', async () => {
  const desk = await servedDesk(withImap())
  const own = desk.browser()
  await own.get('/')
  await signIn(own, ALICE, SECRET)
  await own.get('/mail/settings')
  await own.post('/mail/sign-out')
  const guesser = desk.browser()
  await guesser.get('/')
  const guesses: number[] = []
  for (let count = 1; count <= 6; count += 1)
    guesses.push((await signIn(guesser, ALICE, `guess ${count}`)).status)
  expect(guesses).toEqual([403, 403, 403, 403, 403, 429])
  expect((await signIn(guesser, ALICE, SECRET)).text).toContain('too many attempts')
  await own.get('/')
  expect(await signIn(own, ALICE, SECRET)).toMatchObject({ status: 303, location: '/mail' })
})

test('attempts with a password do not use up the links that a network address gets', async () => {
  const desk = await servedDesk(withImap())
  const browser = desk.browser()
  await browser.get('/admin/sign-in')
  for (let count = 1; count <= 11; count += 1)
    await browser.post('/admin/sign-in', { address: ADMIN, password: '', by: 'password' })
  await browser.post('/admin/sign-in', { address: ADMIN, by: 'link' })
  expect(await desk.linkFor(ADMIN)).toMatch(/^\/admin\/sign-in\//)
})

test('an admin signs in with a password only where the configuration lets admins do so', async () => {
  const { signIn: ways } = withImap()
  const readersOnly = await servedDesk({ signIn: { ...ways, admins: [] } })
  const stranger = readersOnly.browser()
  expect((await stranger.get('/admin/sign-in')).text).not.toContain('type="password"')
  expect(await signIn(stranger, ADMIN, SECRET, '/admin/sign-in')).toMatchObject({
    status: 303,
    location: '/admin/sign-in/sent',
  })
  const desk = await servedDesk(withImap())
  const browser = desk.browser()
  await browser.get('/admin/sign-in')
  expect(await signIn(browser, ADMIN, SECRET, '/admin/sign-in')).toMatchObject({
    status: 303,
    location: '/admin',
  })
  expect((await browser.get('/admin')).status).toBe(200)
  const reader = desk.browser()
  await reader.get('/admin/sign-in')
  expect(await signIn(reader, ALICE, SECRET, '/admin/sign-in')).toMatchObject({
    status: 403,
    text: expect.stringContaining('not an administrator’s address'),
  })
  expect((await reader.get('/admin')).status).toBe(303)
})

test('doctor asks the server about a stranger, and says what is wrong', async () => {
  const findings = await examine(withImap())
  expect(findings).toMatchObject([
    { id: 'sign-in.encrypted', status: 'ok' },
    { id: 'sign-in.imap', status: 'ok', message: expect.stringContaining('refuses a stranger') },
  ])
  expect(dovecot.log()).toContain('amavis-digest@doctor.invalid')
  const foreign = withImap({ caFile: dovecot.certificates.foreignAuthority })
  expect(await examine({ ...foreign, publicUrl: 'http://quarantine.example.com' })).toMatchObject([
    { id: 'sign-in.encrypted', status: 'warn' },
    { id: 'sign-in.imap', status: 'fail', fix: expect.stringContaining('signIn.imap.caFile') },
  ])
  expect(await examine({})).toEqual([])
})

const withImap = (more: { readonly caFile?: string } = {}): Partial<ConfigInput> => ({
  signIn: {
    imap: {
      url: `imaps://localhost:${dovecot.tlsPort}`,
      caFile: dovecot.certificates.authority,
      ...more,
    },
    admins: ['imap'],
  },
})

const signIn = (browser: TestBrowser, address: string, password: string, path = '/'): Promise<Answer> =>
  browser.post(path, { address, password, by: 'password' })

const rows = (desk: ServedDesk, table: 'digest_audit' | 'digest_session') =>
  desk.database.state.sql
    .selectFrom(table as 'digest_audit')
    .selectAll()
    .execute()

/** All that our tables have. */
async function everything({ database: { state } }: ServedDesk): Promise<string> {
  const tables = (await state.sql.introspection.getTables()).filter(({ name }) => name.startsWith('digest_'))
  const contents = await Promise.all(
    tables.map(({ name }) =>
      state.sql
        .selectFrom(name as 'digest_audit')
        .selectAll()
        .execute(),
    ),
  )
  return JSON.stringify(contents)
}

/** What doctor finds about signing in. */
async function examine(settings: Partial<ConfigInput>) {
  const config = configSchema.parse({
    publicUrl: PUBLIC_URL,
    storage: { url: 'sqlite:///nowhere' },
    smtp: { url: 'smtp://127.0.0.1:9', from: 'quarantine@example.com' },
    ...settings,
  })
  const checks = signInChecksOf(config)
  const found = await Promise.all(
    checks.map(async ({ id, run }) => (await run(AbortSignal.timeout(10_000))).map(one => ({ id, ...one }))),
  )
  return found.flat()
}
