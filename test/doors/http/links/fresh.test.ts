import { expect, onTestFinished, test } from 'vitest'
import { linkVisits } from '../../../../src/desks/reader/link-visits.ts'
import { readerDesk } from '../../../../src/desks/reader/reader-desk.ts'
import { loadPages } from '../../../../src/doors/http/pages/pages.ts'
import { startServer } from '../../../../src/doors/http/server.ts'
import { configSchema } from '../../../../src/ground/config/schema.ts'
import { DAY, HOUR, MINUTE } from '../../../../src/ground/durations.ts'
import type { PreferenceTable } from '../../../../src/ground/state/state-tables.ts'
import { templateFiles } from '../../../../src/ground/templates/template-files.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { deliverUntilDone } from '../../../../src/work/digest/send/deliver-until-done.ts'
import { NOW } from '../../../embedded/clock.ts'
import { releaseLinks } from '../../../embedded/digest-links.ts'
import { type HeldMailSpec, hold } from '../../../embedded/held-mail.ts'
import { embeddedProgram, LOCALES, PUBLIC_URL } from '../../../embedded/program.ts'
import { messagesOf } from '../../../embedded/quarantine.ts'
import { readableLog } from '../../../log-lines.ts'

const ALICE = 'alice@example.com'
const BOB = 'bob@example.com'
const LATER = NOW + 15 * DAY
const pages = loadPages(templateFiles(), LOCALES)
const PRESSED = { method: 'POST', body: new URLSearchParams({ button: 'yes' }) }

test.each(['release', 'digest', 'preferences'] as const)(
  'an expired %s link offers a fresh digest, and its button sends one',
  async link => {
    const { ask, paths, mailer, time } = await delivered()
    time.now = link === 'preferences' ? NOW + 61 * DAY : LATER
    const page = await ask(paths[link], HTML)
    expect(page.status).toBe(410)
    const action = /<form method="post" action="([^"]+)">/.exec(page.text)?.[1] ?? ''
    expect(action).toBe(`/fresh${paths[link]}`)
    expect(page.text).toContain('Send me a fresh digest')
    const answer = await ask(action, { ...HTML, ...PRESSED })
    expect(answer.status).toBe(202)
    expect(answer.text).toContain('Look in your mailbox')
    expect(answer.text).not.toContain('example.com/')
    expect(mailer.attempts).toHaveLength(link === 'preferences' ? 0 : 1)
  },
)

test('the fresh digest lists what is still held, with links that work; not what was released', async () => {
  const { ask, paths, mailer, time, rows } = await delivered({}, { recipient: ALICE, subject: 'Released' })
  await ask(paths.second, { method: 'POST' })
  time.now = LATER
  expect(await ask(`/fresh${paths.release}`, PRESSED)).toMatchObject({
    status: 202,
    json: { status: 'asked' },
  })
  const [fresh, ...more] = mailer.attempts
  expect(more).toEqual([])
  expect(fresh?.to).toBe(ALICE)
  const links = releaseLinks(fresh?.text)
  expect(links).toHaveLength(1)
  expect(await ask(new URL(links[0] ?? '').pathname)).toMatchObject({ json: { status: 'held' } })
  expect((await rows('digest_audit')).filter(({ action }) => action === 'send-now')).toMatchObject([
    {
      actor_kind: 'reader',
      actor: ALICE,
      recipient: ALICE,
      outcome: 'sent',
      remote_address: expect.any(String),
    },
  ])
})

test('a reader gets at most one in ten minutes, by whichever links, and other readers are not concerned', async () => {
  const { ask, paths, mailer, time, storage } = await delivered({}, { recipient: BOB })
  time.now = LATER
  await ask(`/fresh${paths.release}`, PRESSED)
  await hold(storage, { recipient: ALICE, receivedAt: LATER - MINUTE })
  const early = await ask(`/fresh${paths.digest}`, PRESSED)
  expect(early).toMatchObject({ status: 429, json: { code: 'TOO_MANY_REQUESTS' } })
  expect(early.headers.get('retry-after')).toBe(new Date(LATER + 10 * MINUTE).toUTCString())
  expect((await ask(`/fresh${paths.digest}`, { ...HTML, ...PRESSED })).text).toContain(
    'You can ask again from',
  )
  expect(await ask(`/fresh${paths.second}`, PRESSED)).toMatchObject({ status: 202 })
  expect(mailer.attempts.map(({ to }) => to)).toEqual([ALICE, BOB])
  time.now = LATER + 10 * MINUTE
  expect(await ask(`/fresh${paths.digest}`, PRESSED)).toMatchObject({ status: 202 })
  expect(mailer.attempts.map(({ to }) => to)).toEqual([ALICE, BOB, ALICE])
})

test('the answer is the same whether or not anything waits', async () => {
  const some = await delivered()
  const none = await delivered()
  await none.storage.sql.updateTable('msgrcpt').set({ rs: 'D' }).execute()
  const answers = await Promise.all(
    [some, none].map(async ({ ask, paths, time }) => {
      time.now = LATER
      const { status, text } = await ask(`/fresh${paths.release}`, { ...HTML, ...PRESSED })
      return { status, text: text.replace(/nonce="[^"]*"/g, '') }
    }),
  )
  expect(answers[0]).toEqual(answers[1])
  expect(some.mailer.attempts).toHaveLength(1)
  expect(none.mailer.attempts).toEqual([])
})

test('it goes where the reader’s digests go, and not at all if an admin has turned them off', async () => {
  const elsewhere = await delivered({ deliver_to: 'pa@example.net' })
  elsewhere.time.now = LATER
  await elsewhere.ask(`/fresh${elsewhere.paths.release}`, PRESSED)
  expect(elsewhere.mailer.attempts.map(({ to }) => to)).toEqual(['pa@example.net'])
  const off = await delivered({ enabled: 0 })
  off.time.now = LATER
  expect(await off.ask(`/fresh${off.paths.release}`, PRESSED)).toMatchObject({
    status: 403,
    json: { code: 'SETTING_LOCKED' },
  })
  expect(off.mailer.attempts).toEqual([])
  expect((await off.rows('digest_item')).map(({ digest_id }) => digest_id)).not.toContain(null)
})

test('only the button sends it: not opening the page, not a program, not a browser that looks ahead', async () => {
  const { ask, paths, mailer, time } = await delivered()
  time.now = LATER
  const fresh = `/fresh${paths.release}`
  expect(await ask(fresh, { method: 'POST' })).toMatchObject({ status: 410, json: { code: 'LINK_EXPIRED' } })
  const prefetch = { ...PRESSED, headers: { purpose: 'prefetch' } }
  expect(await ask(fresh, prefetch)).toMatchObject({ status: 410 })
  const opened = await ask(fresh)
  expect(opened.status).toBe(303)
  expect(opened.headers.get('location')).toBe(paths.release)
  expect(mailer.attempts).toEqual([])
})

test('a forged or foreign link, and one whose message is no longer known, send nothing and offer nothing', async () => {
  const { ask, paths, mailer, time, state } = await delivered()
  time.now = LATER
  expect(await ask(`/fresh${paths.release.slice(0, -2)}xx`, PRESSED)).toMatchObject({ status: 401 })
  expect(await ask(`/fresh${paths.digest.replace('/digest/', '/release/')}`, PRESSED)).toMatchObject({
    status: 401,
  })
  await state.sql.deleteFrom('digest_item').execute()
  expect((await ask(paths.release, HTML)).text).not.toContain('<form')
  expect(await ask(`/fresh${paths.release}`, PRESSED)).toMatchObject({ status: 404 })
  expect(mailer.attempts).toEqual([])
})

const EMPTY_SETTINGS = {
  schedules: null,
  language: null,
  time_zone: null,
  deliver_to: null,
  paused_until: null,
  enabled: null,
  version: 1,
  updated_at: NOW,
  locked: null,
  zone_since: null,
} satisfies Partial<PreferenceTable>

const HTML = { headers: { accept: 'text/html', 'accept-language': 'en' } }

/** One digest for Alice that was delivered, and the routes on a real server. `second` is the other message's link. */
async function delivered(setting: Partial<PreferenceTable> = {}, ...more: readonly Partial<HeldMailSpec>[]) {
  const program = await embeddedProgram()
  const { deps, storage, state, time, mailer } = program
  const specs = [{ recipient: ALICE }, ...more].map(spec => ({
    recipient: ALICE,
    receivedAt: NOW - HOUR,
    ...spec,
  }))
  const keys = await hold(storage, ...specs)
  await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  await deliverUntilDone(deps, { dueAt: NOW })
  mailer.attempts.length = 0
  if (Object.keys(setting).length > 0) {
    const row = { scope: ALICE, ...EMPTY_SETTINGS, ...setting }
    await state.sql.insertInto('digest_preference').values(row).execute()
  }
  const server = await startServer({
    publicUrl: PUBLIC_URL,
    http: { ...configSchema.shape.http.parse({}), port: 0 },
    log: readableLog().log,
    clock: deps.clock,
    contact: undefined,
    standardLanguage: 'en',
    pages,
    oneClick: true,
    readiness: async () => [],
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
    meter: deps.meter,
    refusals: deps.refusals,
    answerInstance: () => '',
    visits: linkVisits(deps),
    reader: readerDesk(deps),
    messages: messagesOf(deps),
    recordClick: () => {},
    admin: undefined,
  })
  onTestFinished(() => server[Symbol.asyncDispose]())
  const items = await program.rows('digest_item')
  const linkTo = (index: number) => {
    const item = items.find(row => row.mail_id === keys[index]?.mailId)
    if (!item) return ''
    const linked = {
      itemId: item.item_id,
      recipient: item.recipient,
      reader: item.reader,
      mailAt: NOW - HOUR,
      kind: 'spam' as const,
    }
    return pathOf(deps.urls.release(linked, NOW, NOW).url)
  }
  const digest = (await program.rows('digest_digest')).find(({ reader }) => reader === ALICE)
  const links = deps.urls.ofDigest({ digestId: digest?.digest_id ?? '', reader: ALICE, createdAt: NOW }, NOW)
  return {
    ...program,
    time,
    paths: {
      release: linkTo(0),
      second: linkTo(1),
      digest: pathOf(links.digest),
      preferences: pathOf(links.preferences),
    },
    ask: (path: string, init: RequestInit = {}) => ask(`http://127.0.0.1:${server.port}${path}`, init),
  }
}

const pathOf = (url: string) => new URL(url).pathname

async function ask(url: string, init: RequestInit) {
  const headers = { accept: 'application/json', ...init.headers }
  const response = await fetch(url, { redirect: 'manual', ...init, headers })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  }
}
