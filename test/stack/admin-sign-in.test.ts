import { expect, test } from 'vitest'
import { migrate } from '../servers/in-process.ts'
import { type SmtpSink, startSmtpSink } from '../servers/smtp-sink.ts'
import type { Storage } from '../servers/storage.ts'
import { type TestBrowser, testBrowser } from '../servers/test-browser.ts'
import { createOn, SERVERS } from './databases.ts'
import { createProgram, PUBLIC_URL } from './program.ts'

const ADMIN = 'postmaster@example.com'
const BASE = new URL(PUBLIC_URL).pathname

test.each(SERVERS)('on %s, a mailed link signs an admin in once, in one browser', async kind => {
  await using stack = new AsyncDisposableStack()
  const storage = stack.use(await createOn(kind))
  const sink = stack.use(await startSmtpSink())
  const program = stack.use(
    await createProgram({
      storage: { url: storage.url },
      smtp: { url: sink.url, from: 'Mail quarantine <quarantine@example.com>' },
    }),
  )
  await migrate(program.configFile)
  const service = stack.use(await program.serve({ ready: false }))
  const browser = () => testBrowser(service.url, { origin: new URL(PUBLIC_URL).origin })

  const own = browser()
  expect(await own.get(`${BASE}/admin/readers`)).toMatchObject({ status: 303 })
  const link = await linkFor(own, sink)
  const other = browser()
  await other.get(`${BASE}/admin/sign-in`)
  expect(await other.post(link)).toMatchObject({ status: 403 })

  expect(await own.get(link)).toMatchObject({ status: 200 })
  const clicks = await Promise.all([own.post(link), own.post(link)])
  expect(clicks.map(({ status }) => status).sort()).toEqual([303, 403])
  expect(await own.get(`${BASE}/admin`)).toMatchObject({ status: 200, text: expect.stringContaining(ADMIN) })
  // The other browser, and the second click: refusals within a minute share a row.
  expect(await audit(storage)).toEqual(['sign-in SIGN_IN_FAILED', 'sign-in done', 'sign-in-ask sent'])
  expect(service.log()).not.toContain(link.split('/').at(-1))

  await own.get(`${BASE}/admin`)
  expect(await own.post(`${BASE}/admin/sign-out`)).toMatchObject({ status: 303 })
  expect(await own.get(`${BASE}/admin`)).toMatchObject({ status: 303 })
  expect(await service.stop()).toBe(0)
})

test('a link that was requested just before the service stops is still sent', async () => {
  await using stack = new AsyncDisposableStack()
  const storage = stack.use(await createOn('sqlite'))
  const sink = stack.use(await startSmtpSink())
  const smtp = { url: sink.url, from: 'Mail quarantine <quarantine@example.com>' }
  const program = stack.use(await createProgram({ storage: { url: storage.url }, smtp }))
  await migrate(program.configFile)
  const service = stack.use(await program.serve({ ready: false }))
  const own = testBrowser(service.url, { origin: new URL(PUBLIC_URL).origin })
  await own.get(`${BASE}/admin/sign-in`)
  await own.post(`${BASE}/admin/sign-in`, { address: ADMIN })
  expect(await service.stop()).toBe(0)
  expect(sink.mails.flatMap(({ to }) => to)).toEqual([ADMIN])
})

/** Asks for a sign-in link. @returns the path of the link in the mail */
async function linkFor(browser: TestBrowser, sink: SmtpSink): Promise<string> {
  await browser.get(`${BASE}/admin/sign-in`)
  await browser.post(`${BASE}/admin/sign-in`, { address: ADMIN })
  const { parsed } = await sink.waitFor(mail => mail.to.includes(ADMIN))
  const url = /https:\S+\/admin\/sign-in\/\S+/.exec(parsed.text ?? '')?.[0]
  if (url === undefined) throw new Error(`no link in ${parsed.text}`)
  return new URL(url).pathname
}

const audit = async (storage: Storage): Promise<string[]> =>
  (await storage.query<{ action: string; outcome: string }>('SELECT action, outcome FROM digest_audit'))
    .map(({ action, outcome }) => `${action} ${outcome}`)
    .sort()
