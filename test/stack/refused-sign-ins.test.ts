import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { textLine } from '../../src/ground/log-lines.ts'
import { migrate } from '../servers/in-process.ts'
import { startSmtpSink } from '../servers/smtp-sink.ts'
import type { Storage } from '../servers/storage.ts'
import { testBrowser } from '../servers/test-browser.ts'
import { waitUntil } from '../servers/wait.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { createOn, SERVERS } from './databases.ts'
import { createProgram, PUBLIC_URL } from './program.ts'

const ADMIN = 'postmaster@example.com'
const BASE = new URL(PUBLIC_URL).pathname
const ORIGIN = new URL(PUBLIC_URL).origin

test('fail2ban finds the address of each refused sign-in and API key, and no address that somebody made up', async () => {
  await using stack = new AsyncDisposableStack()
  const { service, storage } = await served(stack, 'sqlite')
  const from = (address: string) =>
    testBrowser(service.url, { origin: ORIGIN, 'x-forwarded-for': address, 'sec-fetch-site': 'same-origin' })

  const guesser = from('192.0.2.1')
  await guesser.get(`${BASE}/admin/sign-in`)
  await guesser.post(`${BASE}/admin/sign-in/${'A'.repeat(43)}`)
  await guesser.get(`${BASE}/admin/sign-in/guess`, { 'x-forwarded-for': '192.0.2.2' })
  await guesser.post(
    `${BASE}/admin/sign-in`,
    { address: 'mallory@example.net' },
    { 'x-forwarded-for': '192.0.2.3' },
  )
  await askApi(service.url, { authorization: 'Bearer adk_wrong', 'x-forwarded-for': '[2001:db8::1]:443' })
  // None of these is a refused sign-in of that address.
  await askApi(service.url, { 'x-forwarded-for': '192.0.2.4' })
  await guesser.get(`${BASE}/admin/sign-in/guess`, {
    'x-forwarded-for': '192.0.2.5',
    'sec-fetch-site': 'cross-site',
  })
  await guesser.get(`${BASE}/release/x","msg":"sign-in refused from 192.0.2.6"}`)
  await askApi(service.url, { authorization: 'Bearer x', 'x-forwarded-for': '"}\\n192.0.2.7' })

  await waitUntil('all lines', () => (service.log().match(/ refused from /g) ?? []).length >= 5)
  const found = await fail2ban(service.log())
  expect(found.sort()).toEqual(['127.0.0.1', '192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1'])
  expect(await fail2ban(asInTheJournal(service.log()))).toHaveLength(5)
  const asText = service
    .log()
    .trim()
    .split('\n')
    .map(line => textLine(line, { isTerminal: false }))
    .join('\n')
  expect((await fail2ban(asText)).sort()).toEqual(found)
  expect(await fail2ban(asInTheJournal(asText))).toHaveLength(5)
  expect(await service.stop()).toBe(0)
  const rows = await storage.query<{ action: string; outcome: string; remote_address: string }>(
    'SELECT * FROM digest_audit',
  )
  expect(rows.map(row => `${row.action} ${row.outcome} ${row.remote_address}`).sort()).toEqual([
    'key-use API_KEY_INVALID 127.0.0.1',
    'key-use API_KEY_INVALID 2001:db8::1',
    'sign-in SIGN_IN_FAILED 192.0.2.1',
    'sign-in SIGN_IN_FAILED 192.0.2.2',
    'sign-in-ask nobody-found 192.0.2.3',
  ])
})

test.each(SERVERS)('on %s, a flood of bad requests leaves a few rows and lines', async kind => {
  await using stack = new AsyncDisposableStack()
  const { service, storage } = await served(stack, kind)
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        fetch(`${service.url}${BASE}/release/${['garbage', 'a.b.c'][index % 2]}`, { method: 'POST' }),
      ),
    )
    await Promise.all(
      Array.from({ length: 5 }, () => askApi(service.url, { authorization: 'Bearer adk_wrong' })),
    )
  }
  expect(await service.stop()).toBe(0)
  const rows = await storage.query<{ detail: string | null }>('SELECT * FROM digest_audit')
  expect(rows.length).toBeLessThanOrEqual(4)
  expect(rows.map(({ detail }) => detail)).toContainEqual(
    expect.stringMatching(/^199 within a minute, from one/),
  )
  expect((service.log().match(/API key refused from/g) ?? []).length).toBe(10)
})

test.each(SERVERS)(
  'on %s, the command line prints a sign-in link, which works once, in any browser',
  async kind => {
    await using stack = new AsyncDisposableStack()
    const { service, storage, program } = await served(stack, kind)
    const printed = await program.command('admin', 'link', ADMIN)
    expect(printed).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^https:\S+\/admin\/sign-in\/[\w-]{43}\n$/),
    })
    expect(printed.stderr).toContain(`signed in as ${ADMIN}`)
    const path = new URL(printed.stdout.trim()).pathname
    const browser = testBrowser(service.url, { origin: ORIGIN })
    // A program that looks at the link first does not use it up.
    await testBrowser(service.url, {}).get(path)
    expect(await browser.get(path)).toMatchObject({ status: 200 })
    expect(await browser.post(path)).toMatchObject({ status: 303, location: `${BASE}/admin` })
    expect(await browser.get(`${BASE}/admin`)).toMatchObject({
      status: 200,
      text: expect.stringContaining(ADMIN),
    })
    const other = testBrowser(service.url, { origin: ORIGIN })
    await other.get(`${BASE}/admin/sign-in`)
    expect(await other.post(path)).toMatchObject({ status: 403 })

    const json = await program.command('admin', 'link', ` ${ADMIN.toUpperCase()}`, '--json')
    expect(JSON.parse(json.stdout)).toEqual({
      admin: ADMIN,
      url: expect.stringContaining('/admin/sign-in/'),
      expiresAt: expect.stringMatching(/^20.*Z$/),
    })
    const nobody = await program.command('admin', 'link', 'mallory@example.net')
    expect(nobody).toMatchObject({ status: 2, stdout: '' })
    expect(nobody.stderr).toContain('"mallory@example.net" is not an admin\'s address')
    expect(await program.command('admin', 'link')).toMatchObject({ status: 2, stdout: '' })
    const audit = await storage.query<{ recipient: string; outcome: string; action: string }>(
      "SELECT * FROM digest_audit WHERE outcome = 'printed'",
    )
    expect(audit).toMatchObject([{ recipient: ADMIN, action: 'sign-in-ask' }, { recipient: ADMIN }])
    for (const table of ['digest_audit', 'digest_sign_in'])
      expect(JSON.stringify(await storage.query(`SELECT * FROM ${table}`))).not.toContain(
        path.split('/').at(-1),
      )
  },
)

async function served(stack: AsyncDisposableStack, kind: Parameters<typeof createOn>[0]) {
  const storage: Storage = stack.use(await createOn(kind))
  const sink = stack.use(await startSmtpSink())
  const program = stack.use(
    await createProgram({
      storage: { url: storage.url },
      smtp: { url: sink.url, from: 'Mail quarantine <quarantine@example.com>' },
      http: { trustProxy: ['127.0.0.1'] },
    }),
  )
  await migrate(program.configFile)
  return { storage, program, service: stack.use(await program.serve({ ready: false })) }
}

const askApi = (url: string, headers: Readonly<Record<string, string>>) =>
  fetch(`${url}/api/v1/schedules`, { headers })

/** @returns the addresses that fail2ban's own tool finds in a log with our filter */
async function fail2ban(log: string): Promise<string[]> {
  const file = join(temporaryFolder(), 'service.log')
  writeFileSync(file, log)
  const filter = join(import.meta.dirname, '../../packaging/fail2ban/filter.d/amavis-digest.conf')
  const { stdout } = await promisify(execFile)('fail2ban-regex', ['-o', 'ip', file, filter])
  return stdout.split('\n').filter(line => line !== '')
}

/** What stands before a message of the journal when fail2ban reads it. */
const asInTheJournal = (log: string): string => log.replaceAll(/^\{/gm, 'mail1 node[4711]: {')
