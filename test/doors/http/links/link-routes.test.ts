import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { linkVisits } from '../../../../src/desks/reader/link-visits.ts'
import { readerDesk } from '../../../../src/desks/reader/reader-desk.ts'
import { loadPages } from '../../../../src/doors/http/pages/pages.ts'
import { type ServerDeps, startServer, startWatcherServer } from '../../../../src/doors/http/server.ts'
import type { ReleaseAnswer } from '../../../../src/ground/amavisd/transport.ts'
import { type Config, configSchema } from '../../../../src/ground/config/schema.ts'
import { DAY, HOUR } from '../../../../src/ground/durations.ts'
import { CodedError } from '../../../../src/ground/errors.ts'
import type { SenderLists } from '../../../../src/ground/senders/sender-lists.ts'
import { type TemplateFiles, templateFiles } from '../../../../src/ground/templates/template-files.ts'
import { createClickRecorder } from '../../../../src/work/clicks/click-recorder.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { NOW } from '../../../embedded/clock.ts'
import { type HeldMailSpec, hold, purge } from '../../../embedded/held-mail.ts'
import { embeddedProgram, LOCALES, PUBLIC_URL } from '../../../embedded/program.ts'
import { messagesOf } from '../../../embedded/quarantine.ts'
import { insert, releaseRow } from '../../../embedded/rows.ts'
import { DEFERRED, RELEASED } from '../../../embedded/scripted-transport.ts'
import { listsInMemory } from '../../../embedded/sender-lists.ts'
import { readableLog } from '../../../log-lines.ts'
import { policiesWith } from '../../../standard-policies.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

const ALICE = 'alice@example.com'
const pages = loadPages(templateFiles(), LOCALES)

test('GET and HEAD show a message and change nothing', async () => {
  const { ask, releasePath, rows, transport } = await served()
  expect(await ask(releasePath)).toMatchObject({ status: 200, json: { status: 'held', policy: 'release' } })
  expect(await ask(releasePath, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
  expect(transport.requests).toEqual([])
  expect(await rows('digest_release')).toEqual([])
})

test.each<[string, ReleaseAnswer, number, object]>([
  ['250', RELEASED, 200, { status: 'released' }],
  ['4xx', DEFERRED, 202, { status: 'queued', code: 'AMAVISD_DEFERRED' }],
  [
    'nothing, because it is unreachable',
    { outcome: 'unreachable', reply: 'ECONNREFUSED', asked: false },
    202,
    { status: 'queued', code: 'AMAVISD_UNREACHABLE' },
  ],
  [
    '5xx',
    { outcome: 'refused', reply: '550 5.1.1 no such user' },
    502,
    { status: 'failed', code: 'AMAVISD_REFUSED' },
  ],
  [
    'that the message is gone',
    { outcome: 'gone', reply: '450 not there' },
    404,
    { status: 'failed', code: 'MESSAGE_GONE' },
  ],
  [
    'nothing after it was asked',
    { outcome: 'unreachable', reply: 'timed out', asked: true },
    502,
    { status: 'failed', code: 'RELEASE_UNCERTAIN' },
  ],
])('a POST to a link when amavisd answers %s', async (_, answer, status, json) => {
  const { ask, releasePath, transport } = await served()
  transport.answer = () => answer
  const first = await ask(releasePath, { method: 'POST' })
  expect(first).toMatchObject({ status })
  expect(first.json).toEqual(json)
  expect(first.text).not.toContain(answer.reply)
})

test('GET and a second POST answer with the outcome of the release', async () => {
  const { ask, releasePath, transport } = await served()
  await ask(releasePath, { method: 'POST' })
  const again = { status: 200, json: { status: 'already-released' } }
  expect(await ask(releasePath, { method: 'POST' })).toMatchObject(again)
  expect(await ask(releasePath)).toMatchObject(again)
  expect(transport.requests).toHaveLength(1)
})

const SAM = 'sam@sender.example.net'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const allowed = { sender: SAM, list: 'allow' }

test('by a link, a message is released and its sender allowed with one button, and that can be taken back', async () => {
  const senderLists = listsInMemory()
  const { ask, releasePath, rows, transport } = await served({ senderLists })
  const page = await ask(releasePath, { headers: { accept: 'text/html' } })
  expect(page.text).toContain('value="release-allow"')
  const post = (body: string, accept = 'application/json') =>
    ask(releasePath, { method: 'POST', body, headers: { ...FORM, accept } })
  expect(await post('do=release-allow&button=yes')).toMatchObject({
    status: 200,
    json: { status: 'released', sender: { status: 'allowed' } },
  })
  expect(senderLists.entries.get(ALICE)).toEqual([allowed])
  expect(await post('do=unlist&button=yes')).toMatchObject({ json: { sender: { status: 'removed' } } })
  // The second tap, where the page has released by itself.
  const released = await ask(releasePath, { headers: { accept: 'text/html' } })
  expect(released.text).toContain('value="allow"')
  expect((await post('do=allow&button=yes', 'text/html')).text).toContain(
    'from now on, mail from there is let through',
  )
  expect(senderLists.entries.get(ALICE)).toEqual([allowed])
  expect(transport.requests).toHaveLength(1)
  expect((await rows('digest_audit')).map(row => row.action)).toEqual([
    'release',
    'sender-allow',
    'sender-remove',
    'sender-allow',
  ])
})

test('a write that fails after the release: the release holds, and the reader is told what did not', async () => {
  const senderLists = listsInMemory()
  senderLists.fault = new CodedError('SENDERS_UNREACHABLE', 'the panel is away')
  const { ask, releasePath, transport } = await served({ senderLists })
  const answer = await ask(releasePath, {
    method: 'POST',
    body: 'do=release-allow&button=yes',
    headers: { ...FORM, accept: 'text/html' },
  })
  expect(answer.status).toBe(200)
  expect(answer.text).toContain('The sender was not allowed.')
  expect(answer.text).toContain('does not answer')
  expect(answer.text).not.toContain('the panel is away')
  expect(transport.requests).toHaveLength(1)
})

test('whatever fails after the release, the page says that the message was released', async () => {
  const senderLists = listsInMemory()
  senderLists.fault = new CodedError('DATABASE_UNREACHABLE', 'the database is away')
  const { ask, releasePath, transport } = await served({ senderLists })
  const answer = await ask(releasePath, {
    method: 'POST',
    body: 'do=release-allow&button=yes',
    headers: FORM,
  })
  expect(answer).toMatchObject({
    status: 200,
    json: { status: 'released', sender: { status: 'failed', code: 'DATABASE_UNREACHABLE' } },
  })
  expect(transport.requests).toHaveLength(1)
})

test('a sender is not allowed when the release fails, nor by a form without its button, nor by a GET', async () => {
  const senderLists = listsInMemory()
  const { ask, releasePath, transport } = await served({ senderLists })
  transport.answer = () => ({ outcome: 'refused', reply: '550 5.1.1 no such user' })
  const post = (body: string) => ask(releasePath, { method: 'POST', body, headers: FORM })
  expect(await post('do=allow')).toMatchObject({
    status: 403,
    json: { sender: { status: 'failed', code: 'CONFIRMATION_REQUIRED' } },
  })
  await ask(`${releasePath}?do=allow&button=yes`)
  expect(await post('do=release-allow&button=yes')).toMatchObject({ status: 502, json: { status: 'failed' } })
  expect(senderLists.entries.size).toBe(0)
  expect(await post('do=block&button=yes')).toMatchObject({ json: { sender: { status: 'blocked' } } })
})

test('where no lists are kept, a page offers none', async () => {
  const { ask, releasePath } = await served()
  expect((await ask(releasePath, { headers: { accept: 'text/html' } })).text).not.toContain('release-allow')
})

test('a reader whose co-reader was first is told by whom and when, on every page and in JSON', async () => {
  const program = await served()
  const { ask, releasePath, digestPath, rows, transport } = program
  const [item] = await rows('digest_item')
  const bob = '"<b>\u202Ebob"@example.com'
  const at = NOW - HOUR / 2
  const byBob = { requested_by: bob, asked_by: bob, asked_item: 'his', requested_at: at, finished_at: at }
  await insert(program, 'digest_release', [releaseRow(item?.item_id ?? '', at, byBob)])
  const told = { releasedBy: bob, releasedAt: new Date(at).toISOString() }
  for (const method of ['GET', 'POST']) {
    const { status, json } = await ask(releasePath, { method })
    expect([status, json]).toEqual([200, { status: 'already-released', ...told }])
  }
  expect((await ask(digestPath)).json.messages).toMatchObject([{ status: 'released', ...told }])
  const body = new URLSearchParams({ message: item?.item_id ?? '', button: 'yes' })
  const together = await ask(digestPath, { method: 'POST', body })
  expect(together.json.messages).toMatchObject([{ status: 'already-released', ...told }])
  const html = { accept: 'text/html' }
  const inArabic = { ...html, 'accept-language': 'ar' }
  for (const [path, init] of [
    [releasePath, { headers: html }],
    [releasePath, { method: 'POST', headers: html }],
    [digestPath, { headers: html }],
    [digestPath, { method: 'POST', body, headers: html }],
    [releasePath, { headers: inArabic }],
  ] as const) {
    const { text } = await ask(path, init)
    expect(text).toMatch(/\u2068&quot;&lt;b&gt;bob&quot;@example\.com\u2069/)
    expect(text).not.toContain('\u202E')
  }
  expect(transport.requests).toEqual([])

  await program.state.sql.updateTable('digest_release').set({ asked_by: 'chief@example.net' }).execute()
  expect((await ask(releasePath)).json).toMatchObject({ releasedBy: 'administrator' })
  const page = await ask(releasePath, { headers: html })
  expect(page.text).toContain('Released by an administrator on ')
  expect(page.text).not.toContain('chief')
})

test('risky content asks for a second, explicit confirmation', async () => {
  const { ask, releasePath, transport } = await served({ mail: { content: 'B' } })
  expect(await ask(releasePath)).toMatchObject({ json: { status: 'held', policy: 'confirm' } })
  expect(await ask(releasePath, { method: 'POST' })).toMatchObject({
    status: 403,
    json: { status: 'failed', code: 'CONFIRMATION_REQUIRED' },
  })
  expect(transport.requests).toEqual([])
  expect(
    await ask(releasePath, { method: 'POST', body: new URLSearchParams({ confirm: 'yes' }) }),
  ).toMatchObject({
    status: 200,
  })
})

test.each(['B', 'U'])(
  'risky content (%s) that an admin lets out unconfirmed needs one press of the button',
  async content => {
    const { ask, releasePath, transport, deps } = await served({ mail: { content } })
    Object.assign(deps.policies, policiesWith({ banned: 'release', unchecked: 'release' }))
    const { text } = await ask(releasePath, { headers: { accept: 'text/html' } })
    expect(text).toContain('Release it anyway')
    expect(text).not.toContain('<script')
    expect(await ask(releasePath, { method: 'POST' })).toMatchObject({
      status: 200,
      json: { status: 'released' },
    })
    expect(transport.requests).toHaveLength(1)
  },
)

test('the page of a risky message warns at once: what it is, its name, whom to call, and one quiet button', async () => {
  const from = '"IT Helpdesk" <helpdesk@example.org>'
  const { ask, releasePath, transport, storage } = await served({ mail: { content: 'B', from } })
  const reason = 'BANNED: application/octet-stream,.exe,driver <setup>.exe'
  await storage.sql
    .updateTable('msgrcpt')
    .set({ smtp_resp: `250 2.7.0 Ok, discarded, id=12-01 - ${reason}` })
    .execute()
  const { status, text } = await ask(releasePath, {
    headers: { accept: 'text/html', 'accept-language': 'en' },
  })
  expect(status).toBe(200)
  expect(text).toContain('Risky attachment: driver &lt;setup&gt;.exe')
  expect(text).toContain('helpdesk@example.org')
  expect(text).toContain('Call the sender on a number you already know')
  expect(text.match(/class="button[^"]*"/g)).toEqual(['class="button risky"'])
  expect(text).not.toContain('<script')
  const body = new URLSearchParams({ confirm: 'yes', button: 'yes' })
  expect(await ask(releasePath, { method: 'POST', body })).toMatchObject({ json: { status: 'released' } })
  expect(transport.requests).toHaveLength(1)
})

test('after a release, the page leads back to the other messages of the digest', async () => {
  const more = [1, 2].map(hour => ({ recipient: ALICE, receivedAt: NOW - hour * 60_000 }))
  const { ask, releasePath, digestPath } = await served({
    more: [...more, { recipient: 'bob@example.com', receivedAt: NOW - HOUR }],
  })
  const html = { accept: 'text/html', 'accept-language': 'en' }
  const before = await ask(releasePath, { headers: html })
  expect(before.text).not.toContain('/digest/')
  for (const method of ['POST', 'POST', 'GET']) {
    const { text } = await ask(releasePath, { method, headers: html })
    expect(text).toContain(`<a class="button plain" href="${PUBLIC_URL}${digestPath}">See the other 2</a>`)
  }
})

test('a release whose digest lists nothing else, or whose links have expired, leads nowhere', async () => {
  const html = { accept: 'text/html', 'accept-language': 'en' }
  const alone = await served()
  expect((await alone.ask(alone.releasePath, { method: 'POST', headers: html })).text).not.toContain(
    '/digest/',
  )
  const late = await served({ more: [{ recipient: ALICE, receivedAt: NOW - HOUR }] })
  await late.state.sql
    .updateTable('digest_digest')
    .set({ created_at: NOW - 14 * DAY })
    .execute()
  const { text } = await late.ask(late.releasePath, { method: 'POST', headers: html })
  expect(text).toContain('On its way to your inbox')
  expect(text).not.toContain('/digest/')
})

test('mail whose policy is never is refused, confirmed or not', async () => {
  const { ask, releasePath, transport, deps } = await served({ mail: { content: 'B' } })
  Object.assign(deps.policies, policiesWith({ banned: 'never' }))
  const body = new URLSearchParams({ confirm: 'yes' })
  expect(await ask(releasePath, { method: 'POST', body })).toMatchObject({
    status: 403,
    json: { code: 'POLICY_REFUSED' },
  })
  expect(transport.requests).toEqual([])
})

test('mail that an admin has to be asked for: one page, one button, and only a POST asks', async () => {
  const { ask, releasePath, digestPath, transport, deps, rows, storage } = await served({
    mail: { content: 'B' },
  })
  Object.assign(deps.policies, policiesWith({ banned: 'request' }))
  const html = { headers: { accept: 'text/html' } }
  const { text } = await ask(releasePath, html)
  expect(text).toContain('Ask for this message?')
  expect(text).not.toContain('<script')
  expect(text.match(/<button/g)).toHaveLength(1)
  expect(text).not.toContain('name="confirm"')
  expect((await ask(digestPath, html)).text).toContain('Ask for it…')
  for (const init of [
    {},
    { method: 'HEAD' },
    { method: 'POST', headers: { 'sec-purpose': 'prefetch' } },
  ] satisfies RequestInit[])
    expect(await ask(releasePath, init)).toMatchObject({ status: 200 })
  expect(await ask(releasePath)).toMatchObject({ json: { status: 'held', policy: 'request' } })
  expect(await rows('digest_request')).toEqual([])
  const asked = { status: 202, json: { status: 'requested', askedAt: new Date(NOW).toISOString() } }
  expect(await ask(releasePath, { method: 'POST' })).toMatchObject(asked)
  expect(await ask(releasePath)).toMatchObject(asked)
  expect(await ask(releasePath, { method: 'POST' })).toMatchObject(asked)
  expect(await rows('digest_request')).toHaveLength(1)
  const page = await ask(releasePath, html)
  expect(page).toMatchObject({ status: 202 })
  expect(page.text).toContain('An administrator has been asked')
  expect(page.text).not.toContain('<form')
  const refused = { state: 'refused', open_held_id: null, decided_at: NOW, note: '<b>No</b>\nAsk me.' }
  await deps.state.sql.updateTable('digest_request').set(refused).execute()
  await storage.sql.updateTable('msgrcpt').set({ rs: 'V' }).execute()
  expect(await ask(releasePath)).toMatchObject({
    status: 403,
    json: {
      status: 'failed',
      code: 'POLICY_REFUSED',
      refusedAt: new Date(NOW).toISOString(),
      note: refused.note,
    },
  })
  const answer = await ask(releasePath, html)
  expect(answer.text).toContain('<p dir="auto">&lt;b&gt;No&lt;/b&gt;</p><p dir="auto">Ask me.</p>')
  expect(answer.text).not.toContain('<form')
  expect((await ask(digestPath, html)).text).toContain('Refused by an administrator')
  expect(transport.requests).toEqual([])
})

test('where a machine reads the digest, only the button asks', async () => {
  const { ask, releasePath, canaryPath, deps, rows } = await served({ mail: { content: 'B' } })
  Object.assign(deps.policies, policiesWith({ banned: 'request' }))
  await ask(canaryPath)
  expect(await ask(releasePath, { method: 'POST' })).toMatchObject({
    json: { status: 'failed', code: 'CONFIRMATION_REQUIRED' },
  })
  expect(await rows('digest_request')).toEqual([])
  const body = new URLSearchParams({ button: 'yes' })
  expect(await ask(releasePath, { method: 'POST', body })).toMatchObject({ status: 202 })
  expect(await rows('digest_request')).toHaveLength(1)
})

test('after a lost answer, another copy is sent only on request', async () => {
  const { ask, releasePath, transport } = await served()
  transport.answer = () => ({ outcome: 'unreachable', reply: 'timed out', asked: true })
  await ask(releasePath, { method: 'POST' })
  transport.answer = () => RELEASED
  expect(await ask(releasePath, { method: 'POST' })).toMatchObject({ status: 502 })
  const body = new URLSearchParams({ again: 'yes' })
  expect(await ask(releasePath, { method: 'POST', body })).toMatchObject({
    status: 200,
    json: { status: 'released' },
  })
})

test('an expired link to the settings says how to get a new one, and does not mention a message', async () => {
  const { ask, preferencesPath, deps, time } = await served()
  const request = { requestId: 'r'.repeat(26), reader: ALICE, expiresAt: NOW + DAY }
  const destinationPath = pathOf(deps.urls.destination(request, NOW))
  const html = { headers: { accept: 'text/html', 'accept-language': 'en' } }
  time.now = NOW + 61 * DAY
  const preferences = await ask(preferencesPath, {
    ...html,
    method: 'POST',
    body: new URLSearchParams({ pause: 'yes' }),
  })
  expect(preferences.status).toBe(410)
  expect(preferences.text).toContain('Use the link at the end of your newest digest')
  const destination = await ask(destinationPath, html)
  expect(destination.status).toBe(410)
  expect(destination.text).toContain('Ask for the change again on your settings page.')
  for (const { text } of [preferences, destination]) expect(text).not.toMatch(/\bmessage/)
  time.now = NOW
  const unknown = await ask(destinationPath, html)
  expect(unknown.text).not.toMatch(/\bmessage/)
})

test('a link to a purged message answers 404, and an expired link answers 410', async () => {
  const { ask, releasePath, storage, time, key } = await served()
  await purge(storage, key)
  for (const method of ['GET', 'POST']) {
    expect(await ask(releasePath, { method })).toMatchObject({ status: 404, json: { code: 'MESSAGE_GONE' } })
  }
  time.now = NOW + 14 * DAY
  for (const method of ['GET', 'POST']) {
    expect(await ask(releasePath, { method })).toMatchObject({ status: 410, json: { code: 'LINK_EXPIRED' } })
  }
})

test.each([
  ['sec-purpose', 'prefetch;prerender'],
  ['purpose', 'prefetch'],
  ['x-moz', 'prefetch'],
  ['x-purpose', 'preview'],
])('a prefetching browser (%s: %s) releases nothing and pauses nothing', async (name, value) => {
  const { ask, releasePath, preferencesPath, transport } = await served()
  const prefetch = { method: 'POST', headers: { [name]: value } }
  expect(await ask(releasePath, prefetch)).toMatchObject({ status: 200, json: { status: 'held' } })
  const pause = { ...prefetch, body: new URLSearchParams({ pause: 'yes' }) }
  expect(await ask(preferencesPath, pause)).toMatchObject({ json: { status: 'active' } })
  expect(transport.requests).toEqual([])
  const page = await ask(releasePath, { headers: { [name]: value, accept: 'text/html' } })
  expect(page.text).not.toContain('<script')
})

test('the page releases by itself only if the configuration and the policy allow it', async () => {
  const html = { headers: { accept: 'text/html', 'accept-language': 'en' } }
  const releasesItself = async (options: ServedOptions) => {
    const { ask, releasePath } = await served(options)
    const { text } = await ask(releasePath, html)
    expect(text).toContain('<button')
    return text.includes('<script')
  }
  expect(await releasesItself({})).toBe(true)
  expect(await releasesItself({ oneClick: false })).toBe(false)
  expect(await releasesItself({ mail: { content: 'U' } })).toBe(false)
})

test('the answer is a page for browsers, and JSON on request', async () => {
  const { ask, releasePath } = await served()
  const typeFor = async (accept: string) =>
    (await ask(releasePath, { headers: { accept } })).headers.get('content-type')
  expect(await typeFor('text/html,application/xhtml+xml,*/*;q=0.8')).toBe('text/html; charset=utf-8')
  expect(await typeFor('*/*')).toBe('text/html; charset=utf-8')
  expect(await typeFor('image/png')).toBe('text/html; charset=utf-8')
  expect(await typeFor('application/json')).toBe('application/json; charset=utf-8')
  expect(await typeFor('application/json, text/html;q=0.9')).toBe('application/json; charset=utf-8')
})

test('an error is a page too, with its code and the address for questions', async () => {
  const { ask } = await served()
  const { status, text } = await ask('/release/garbage', { headers: { accept: 'text/html' } })
  expect(status).toBe(400)
  expect(text).toContain('LINK_MALFORMED')
  expect(text).toContain('postmaster@example.com')
})

test.each([
  ['/release/x', 'GET, HEAD, POST'],
  ['/preferences/x', 'GET, HEAD, POST'],
  ['/digest/x', 'GET, HEAD, POST'],
  ['/digest/x/2', 'GET, HEAD, POST'],
])('%s answers %s and nothing else', async (path, allowed) => {
  const { ask } = await served()
  const others = ['PUT', 'PATCH', 'DELETE', 'OPTIONS']
  for (const method of others) {
    const answer = await ask(path, { method })
    expect(answer).toMatchObject({ status: 405, json: { code: 'METHOD_UNKNOWN' } })
    expect(answer.headers.get('allow')).toBe(allowed)
  }
})

test.each(['/', '/digest/x/0', '/digest/x/1e3', '/favicon.ico', '//evil.example/release/x'])(
  'there is no page %s',
  async path => {
    const { ask } = await served()
    expect(await ask(path)).toMatchObject({ status: 404, json: { code: 'PAGE_UNKNOWN' } })
  },
)

test.each(['/release', '/release/', '/Release/x', '/release/x/', '/release/x/y', '//release/x'])(
  '%s is a link that was cut off or changed on its way',
  async path => {
    const { ask } = await served()
    expect(await ask(path)).toMatchObject({ status: 400, json: { code: 'LINK_MALFORMED' } })
  },
)

test('a link that was changed on its way works, and redirects nowhere', async () => {
  const { ask, releasePath, digestPath, preferencesPath, port, transport } = await served()
  const changes = [
    (path: string) => `${path}/`,
    (path: string) => `/${path}`,
    (path: string) => path.replace(/^(\/\w+)\//, '$1%2F'),
    (path: string) => `${path}.`,
    (path: string) => `${path}%3E`,
    (path: string) => `${path}&gt;`,
    (path: string) => path.replace(/^\/\w+/, name => name.toUpperCase()),
    (path: string) => `${path.slice(0, 60)}=%0D%0A${path.slice(60)}`,
  ]
  for (const path of [releasePath, digestPath, preferencesPath]) {
    for (const change of changes) {
      const { status, headers } = await ask(change(path))
      expect([change(path), status, headers.get('location')]).toEqual([change(path), 200, null])
    }
  }
  expect(await ask(`//release${releasePath.slice(8)}/`, { method: 'POST' })).toMatchObject({
    status: 200,
    json: { status: 'released' },
  })
  expect(transport.requests).toHaveLength(1)
  const elsewhere = await ask(`//127.0.0.1:${port}${releasePath}`)
  expect([elsewhere.status, elsewhere.headers.get('location')]).toEqual([404, null])
})

test('requests with links that no key of ours signed are counted, and leave no row each', async () => {
  const { ask, releasePath, refusals, rows, time } = await served()
  const forged = `${releasePath.slice(0, -2)}xx`
  for (const path of [forged, '/release/garbage', forged]) await ask(path, { method: 'POST' })
  expect(refusals.added.map(({ what, outcome }) => `${what} ${outcome}`)).toEqual([
    'link LINK_FORGED',
    'link LINK_MALFORMED',
    'link LINK_FORGED',
  ])
  expect(await rows('digest_audit')).toEqual([])
  time.now += 60 * DAY
  await ask(releasePath, { method: 'POST' })
  expect(await rows('digest_audit')).toMatchObject([{ action: 'release', outcome: 'LINK_EXPIRED' }])
})

test('made-up addresses in X-Forwarded-For neither get around the limit nor enter the log', async () => {
  const { ask, releasePath, log } = await served({ http: { trustProxy: ['127.0.0.1'], perAddress: 3 } })
  const statuses: number[] = []
  for (const from of ['made up', '1.2.3.4.5', '<script>', '"127.0.0.1"', 'unknown']) {
    const { status } = await ask(releasePath, { headers: { 'x-forwarded-for': from } })
    statuses.push(status)
  }
  expect(statuses).toEqual([200, 200, 200, 429, 429])
  expect(log()).not.toMatch(/made up|script|1\.2\.3/)
  for (const from of ['203.0.113.9', '203.0.113.9:4711', '::ffff:203.0.113.9', '[::ffff:cb00:7109]:80'])
    statuses.push((await ask(releasePath, { headers: { 'x-forwarded-for': from } })).status)
  expect(statuses.slice(5)).toEqual([200, 200, 200, 429])
})

test('requests beyond the limit share a line in the log', async () => {
  const { ask, releasePath, log, server } = await served({ http: { perLink: 2 } })
  for (let count = 1; count <= 20; count += 1) await ask(releasePath)
  await server[Symbol.asyncDispose]()
  const lines = log()
    .split('\n')
    .filter(line => line.includes('too many requests'))
  expect(lines.map(line => JSON.parse(line).count)).toEqual([1, 17])
  expect(log().match(/"msg":"request"/g)).toHaveLength(2)
})

test('a browser that asks for an unknown language gets the standard one, and Vary keeps caches apart', async () => {
  const { ask } = await served()
  const page = (language: string) =>
    ask('/', { headers: { accept: 'text/html', 'accept-language': language } })
  const finnish = await page('fi')
  expect(finnish.text).toContain('<html lang="de"')
  expect(finnish.headers.get('vary')).toBe('Accept, Accept-Language')
  expect((await page('EN-us')).text).toContain('<html lang="en"')
})

test('no query string is read', async () => {
  const { ask, releasePath } = await served({ mail: { content: 'B' } })
  expect(await ask(`${releasePath}?confirm=yes`, { method: 'POST' })).toMatchObject({ status: 403 })
})

test.each([
  ['a form', new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })],
  ['multipart, as RFC 8058 allows', multipart({ 'List-Unsubscribe': 'One-Click' })],
  ['the button', new URLSearchParams({ pause: 'yes' })],
])('unsubscribing by %s pauses, and can be undone', async (_, body) => {
  const { ask, preferencesPath, deps } = await served()
  expect(await ask(preferencesPath)).toMatchObject({ status: 200, json: { status: 'active' } })
  expect(await ask(preferencesPath, { method: 'POST', body })).toMatchObject({
    status: 200,
    json: { status: 'paused' },
  })
  expect(await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })).toMatchObject({
    digests: 0,
  })
  const resume = new URLSearchParams({ resume: 'yes' })
  expect(await ask(preferencesPath, { method: 'POST', body: resume })).toMatchObject({
    json: { status: 'active' },
  })
})

test.each<[string, RequestInit, number]>([
  ['no body', {}, 400],
  ['a body of JSON', { body: '{"pause":"yes"}', headers: { 'content-type': 'application/json' } }, 400],
  ['a form that asks for nothing', { body: new URLSearchParams({ pause: 'no' }) }, 400],
  ['multipart without a boundary', { body: 'x', headers: { 'content-type': 'multipart/form-data' } }, 400],
  ['a body that is too large', { body: new URLSearchParams({ pause: 'y'.repeat(9000) }) }, 400],
])('the settings page refuses %s', async (_, init, status) => {
  const { ask, preferencesPath } = await served()
  expect(await ask(preferencesPath, { method: 'POST', ...init })).toMatchObject({
    status,
    json: { code: 'BODY_UNREADABLE' },
  })
})

test('the whole digest is paged: 250 messages appear on three pages, each once', async () => {
  const mails = Array.from({ length: 250 }, () => ({ recipient: ALICE, receivedAt: NOW - HOUR }))
  const { ask, digestPath } = await served({ more: mails.slice(1) })
  const pages = await Promise.all([digestPath, `${digestPath}/2`, `${digestPath}/3`].map(path => ask(path)))
  expect(pages.map(({ json }) => [json.total, json.page, json.pages, json.messages.length])).toEqual([
    [250, 1, 3, 100],
    [250, 2, 3, 100],
    [250, 3, 3, 50],
  ])
  const links = pages.flatMap(({ json }) =>
    json.messages.map((message: { releaseUrl: string }) => message.releaseUrl),
  )
  expect(new Set(links).size).toBe(250)
  expect(await ask(`${digestPath}/4`)).toMatchObject({ status: 404, json: { code: 'PAGE_UNKNOWN' } })
  expect((await ask(`${digestPath}/2`, { headers: { accept: 'text/html' } })).text).toContain(
    `${digestPath}/3`,
  )
})

test('ticked messages of a digest are released, each with its own outcome; GET and a prefetch release none', async () => {
  const { ask, digestPath, transport, rows } = await served({
    more: [
      { recipient: ALICE, receivedAt: NOW - HOUR, subject: 'Risky', content: 'B' },
      { recipient: ALICE, receivedAt: NOW - HOUR, subject: 'Third' },
    ],
  })
  const { json } = await ask(digestPath)
  const ids: string[] = json.messages.map(({ id }: { id: string }) => id)
  const body = () =>
    new URLSearchParams([...ids.map((id): [string, string] => ['message', id]), ['button', 'yes']])
  await ask(`${digestPath}?${body()}`)
  await ask(digestPath, { method: 'POST', body: body(), headers: { 'sec-purpose': 'prefetch' } })
  expect(transport.requests).toEqual([])

  const { status, json: done } = await ask(digestPath, { method: 'POST', body: body() })
  expect(status).toBe(200)
  expect(done.messages.map(({ id }: { id: string }) => id)).toEqual(ids)
  const byGroup = json.messages.map(({ group }: { group: string }) => group)
  expect(byGroup).toEqual(['wanted', 'wanted', 'dangerous'])
  expect(done.messages).toMatchObject([
    { status: 'released' },
    { status: 'released' },
    { status: 'left-out', code: 'CONFIRMATION_REQUIRED', releaseUrl: expect.stringContaining('/release/') },
  ])
  expect(transport.requests).toHaveLength(2)
  expect((await rows('digest_audit')).map(row => row.remote_address)).toEqual(Array(3).fill('127.0.0.1'))

  const again = await ask(digestPath, { method: 'POST', body: multipart({ message: ids[0] ?? '' }) })
  expect(again).toMatchObject({ status: 200, json: { messages: [{ status: 'already-released' }] } })
})

test('the page after a release of several messages says what became of each, and leads back to the same part', async () => {
  const { ask, digestPath, transport } = await served({
    mail: { subject: 'Garden hose' },
    more: [
      { recipient: ALICE, receivedAt: NOW - HOUR, subject: 'Garden tools', content: 'B' },
      { recipient: ALICE, receivedAt: NOW - HOUR, subject: 'Garden chairs' },
    ],
  })
  const { json } = await ask(`${digestPath}?find=garden`)
  const fields = json.messages.map(({ id }: { id: string }) => ['message', id])
  transport.answer = ({ mailId }) => (mailId === transport.requests[0]?.mailId ? RELEASED : DEFERRED)
  const { status, text } = await ask(`${digestPath}?find=garden`, {
    method: 'POST',
    body: new URLSearchParams([...fields, ['button', 'yes']]),
    headers: HTML,
  })
  expect(status).toBe(202)
  for (const shown of [
    '1 message is on its way to your inbox',
    '1 message is released as soon as the mail system is free',
    '1 message was left out because it could be dangerous',
    'Garden hose',
    'Garden tools',
    'Garden chairs',
    'Left out',
    'Check first',
    `href="${digestPath}?find&#x3D;garden"`,
  ])
    expect(text).toContain(shown)
  expect(text).not.toContain('requestSubmit')
})

test.each<[string, ReleaseAnswer, number]>([
  ['released', RELEASED, 200],
  ['queued', DEFERRED, 202],
  ['refused', { outcome: 'refused', reply: '550 no such user' }, 502],
  ['gone', { outcome: 'gone', reply: '450 not there' }, 404],
])('if all ticked messages are %s, the status is that of a single release', async (_, reply, status) => {
  const { ask, digestPath, transport } = await served({
    more: [{ recipient: ALICE, receivedAt: NOW - HOUR }],
  })
  transport.answer = () => reply
  const { json } = await ask(digestPath)
  const body = new URLSearchParams(json.messages.map(({ id }: { id: string }) => ['message', id]))
  expect(await ask(digestPath, { method: 'POST', body })).toMatchObject({ status })
  expect(transport.requests).toHaveLength(2)
})

test.each<[string, RequestInit, number]>([
  ['no ticks', { body: new URLSearchParams({ button: 'yes' }) }, 400],
  ['no body', {}, 400],
  ['more ticks than a page has', { body: new URLSearchParams(ticks(101)) }, 400],
  ['a body that is too large', { body: new URLSearchParams(ticks(2000)) }, 400],
])('a POST to a digest with %s is refused', async (_, init, status) => {
  const { ask, digestPath, transport } = await served()
  expect(await ask(digestPath, { method: 'POST', ...init })).toMatchObject({
    status,
    json: { status: 'failed' },
  })
  const page = await ask(digestPath, { method: 'POST', ...init, headers: HTML })
  expect(page.text).toContain('<h1>')
  expect(transport.requests).toEqual([])
})

test('a browser that posts no ticks gets the list again, with the reason', async () => {
  const { ask, digestPath } = await served()
  const { text } = await ask(digestPath, { method: 'POST', headers: HTML })
  expect(text).toContain('Nothing is ticked yet')
  expect(text).toContain('type="checkbox"')
})

test('a link to a digest that has expired releases nothing, and leaves an audit row', async () => {
  const { ask, digestPath, time, rows, transport } = await served()
  const { json } = await ask(digestPath)
  time.now = NOW + 15 * DAY
  const body = new URLSearchParams({ message: json.messages[0].id, button: 'yes' })
  expect(await ask(digestPath, { method: 'POST', body })).toMatchObject({ status: 410 })
  expect(await rows('digest_audit')).toMatchObject([{ action: 'release', outcome: 'LINK_EXPIRED' }])
  expect(transport.requests).toEqual([])
})

test('a release link is no link to a digest, and releases no other message', async () => {
  const { ask, releasePath, transport } = await served()
  const path = releasePath.replace('/release/', '/digest/')
  const body = new URLSearchParams({ message: 'any', button: 'yes' })
  expect(await ask(path, { method: 'POST', body })).toMatchObject({ status: 401 })
  expect(transport.requests).toEqual([])
})

test('what is found is paged, too, and its links keep the words', async () => {
  const mails = Array.from({ length: 250 }, (_, index) => ({
    recipient: ALICE,
    receivedAt: NOW - HOUR,
    subject: index % 2 === 0 ? 'Odd & even' : 'Other',
  }))
  const { ask, digestPath } = await served({ mail: mails[0] ?? {}, more: mails.slice(1) })
  const query = '?find=odd+%26'
  expect((await ask(`${digestPath}${query}`)).json).toMatchObject({ total: 125, page: 1, pages: 2 })
  const { text } = await ask(`${digestPath}/2${query}`, { headers: HTML })
  expect(text).toContain('125 messages found for')
  expect(text).toContain('value="odd &amp;"')
  expect(text).toContain(`rel="prev" href="${digestPath}?find&#x3D;odd+%26"`)
  expect(text).toContain('Show all 250')
  expect(text).toContain('Perhaps wanted (125)')
  const none = await ask(`${digestPath}?find=${encodeURIComponent('"><script>\u202e')}`, { headers: HTML })
  expect(none.status).toBe(200)
  expect(none.text).toContain('Nothing found for')
  expect(none.text).not.toMatch(/<script|\u202e/)
})

test('a page of a digest that an admin has overridden before there were ticks still works', async () => {
  const { ask, digestPath } = await served({ ownPages: { 'digest.html': FORMER_PAGE } })
  const { status, text } = await ask(digestPath, { headers: HTML })
  expect(status).toBe(200)
  expect(text).toContain('<a class="button" href=')
})

const HTML = { accept: 'text/html', 'accept-language': 'en' }

function ticks(count: number): [string, string][] {
  return Array.from({ length: count }, (_, index) => ['message', `item-number-${index}`])
}

const FORMER_PAGE = `{{#> layout title=(say "digest.title" count=total)}}
<h1>{{title}}</h1>
<p>{{say "page.digest.for" reader=reader when=when}}</p>
{{#if turn}}{{> turn}}{{/if}}
<ul class="rows card">
{{#each rows}}
<li class="row">
{{#if mail}}
<div class="mail">
{{> sender}}
{{> subject}}
{{> remarks}}
<p class="reason">{{mail.why}}</p>
<p class="meta">{{#if link}}{{say "digest.facts" received=mail.received size=mail.size until=until}}{{else}}{{mail.received}} · {{mail.size}}{{/if}}</p>
</div>
{{/if}}
{{#if link}}
<a class="button{{#if link.review}} review{{/if}}" href="{{link.url}}">{{link.label}}<span class="aside"> <bdi>{{mail.subject}}</bdi></span></a>
{{else}}
<p class="state {{state.mood}}">{{state.label}}</p>
{{/if}}
</li>
{{/each}}
</ul>
{{/layout}}`

test('the page of a digest has no button for a message that the quarantine no longer keeps', async () => {
  const { ask, digestPath, time } = await served({
    mail: { receivedAt: NOW - 29 * DAY, subject: 'Old' },
    more: [{ recipient: ALICE, receivedAt: NOW - HOUR, subject: 'New' }],
    initial: 40 * DAY,
  })
  const buttons = async () => {
    const { status, text } = await ask(digestPath, { headers: { accept: 'text/html' } })
    expect(status).toBe(200)
    return text.match(/<a class="button/g)?.length
  }
  expect(await buttons()).toBe(2)
  time.now = NOW + DAY
  expect(await buttons()).toBe(1)
  expect((await ask(digestPath)).json.messages).toMatchObject([
    { subject: 'New', status: 'held' },
    { subject: 'Old', status: 'gone' },
  ])
})

test('if publicUrl has a path, the links work whether or not the proxy strips it', async () => {
  const { ask, releasePath, digestPath } = await served({
    publicUrl: 'https://example.com/mail',
    more: Array.from({ length: 100 }, () => ({ recipient: ALICE, receivedAt: NOW - HOUR })),
  })
  expect(await ask(releasePath)).toMatchObject({ status: 200 })
  expect(await ask(`/mail${releasePath}`)).toMatchObject({ status: 200 })
  const page = await ask(digestPath, { headers: { accept: 'text/html' } })
  expect(page.text).toContain(`/mail${digestPath}/2`)
})

test('/healthz has no rate limit, and /readyz names what is unreachable only by codes', async () => {
  const reasons: string[] = []
  const { ask } = await served({ readiness: async () => reasons, http: { perAddress: 2 } })
  for (let request = 0; request < 5; request += 1) {
    expect(await ask('/healthz')).toMatchObject({ status: 200, json: { status: 'alive' } })
  }
  expect(await ask('/readyz')).toMatchObject({ status: 200, json: { status: 'ready' } })
  reasons.push('storage: DATABASE_UNREACHABLE')
  expect(await ask('/readyz')).toMatchObject({
    status: 503,
    json: { status: 'not-ready', reasons: ['storage: DATABASE_UNREACHABLE'] },
  })
})

test('/metrics has no rate limit, and its text is not cached', async () => {
  const { ask } = await served({ http: { perAddress: 1 } })
  for (let request = 0; request < 3; request += 1) {
    const answer = await ask('/metrics')
    expect(answer).toMatchObject({ status: 200, text: 'figures 1\n' })
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('no-store')
  }
  expect(await ask('/metrics', { method: 'POST' })).not.toMatchObject({ status: 200 })
})

test('requests to links are counted by page and kind, including those that are refused', async () => {
  const { ask, releasePath, digestPath, preferencesPath, meter } = await served({ http: { perLink: 3 } })
  await ask(releasePath)
  await ask(releasePath, { method: 'HEAD' })
  await ask(releasePath, { method: 'POST', headers: { 'sec-purpose': 'prefetch;prerender' } })
  expect(await ask(releasePath, { method: 'POST' })).toMatchObject({ status: 429 })
  expect(await ask(releasePath, { method: 'PUT' })).toMatchObject({ status: 405 })
  await ask(digestPath)
  expect(await ask(`${digestPath}/77`)).toMatchObject({ status: 404 })
  expect(await ask('/preferences/forged', { method: 'POST' })).toMatchObject({ status: 400 })
  await ask(preferencesPath, { headers: { purpose: 'preview' } })
  expect(meter.calls.filter(([call]) => call === 'linkRequested')).toEqual([
    ['linkRequested', 'release', 'GET'],
    ['linkRequested', 'release', 'HEAD'],
    ['linkRequested', 'release', 'prefetch'],
    ['linkRequested', 'release', 'POST'],
    ['linkRequested', 'digest', 'GET'],
    ['linkRequested', 'digest', 'GET'],
    ['linkRequested', 'preferences', 'POST'],
    ['linkRequested', 'preferences', 'prefetch'],
  ])
})

test('a worker answers monitoring requests, and serves no links', async () => {
  const { log } = readableLog()
  await using worker = await startWatcherServer({
    section: 'worker',
    http: { host: '127.0.0.1', port: 0 },
    log,
    readiness: async () => ['smtp: SMTP_UNREACHABLE'],
    metrics: async () => ({ contentType: 'text/plain', text: 'figures 1\n' }),
  })
  const at = (path: string) => ask(`http://127.0.0.1:${worker.port}${path}`, {})
  expect(await at('/healthz')).toMatchObject({ status: 200 })
  expect(await at('/readyz')).toMatchObject({ status: 503, json: { reasons: ['smtp: SMTP_UNREACHABLE'] } })
  expect(await at('/metrics')).toMatchObject({ status: 200, text: 'figures 1\n' })
  expect(await at('/release/x')).toMatchObject({ status: 404 })
  const taken = startWatcherServer({
    section: 'worker',
    http: { host: '127.0.0.1', port: worker.port },
    log,
    readiness: async () => [],
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
  })
  await expect(taken).rejects.toMatchObject({ message: expect.stringContaining('See worker.host') })
})

test('too many requests are answered with the time to wait', async () => {
  const { ask, releasePath } = await served({ http: { perLink: 2 } })
  await ask(releasePath)
  await ask(releasePath)
  const answer = await ask(releasePath, { method: 'POST' })
  expect(answer).toMatchObject({ status: 429, json: { status: 'failed', code: 'TOO_MANY_REQUESTS' } })
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('a failure of the server shows the reader only its code', async () => {
  const { ask, releasePath, storage, log } = await served()
  await storage.sql.schema.dropTable('msgs').execute()
  const answer = await ask(releasePath)
  expect(answer).toMatchObject({ status: 503, json: { status: 'failed', code: 'TABLE_MISSING' } })
  expect(answer.text).not.toContain('msgs')
  expect(log()).toContain('no such table')
})

test('if a page and the error page both fail to render, the answer is a code in plain text', async () => {
  const { ask, releasePath, log } = await served({
    ownPages: { 'release.html': '{{nothing.there}}', 'error.html': '{{nothing.there}}' },
  })
  const html = { headers: { accept: 'text/html', 'accept-language': 'en' } }
  for (const [path, status, code] of [
    [releasePath, 500, 'INTERNAL'],
    ['/release/garbage', 400, 'LINK_MALFORMED'],
  ] as const) {
    const answer = await ask(path, html)
    expect(answer).toMatchObject({ status, text: `${code}\n` })
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  }
  expect(log()).toContain('the error page could not be rendered')
  expect(await ask(releasePath)).toMatchObject({ status: 200, json: { status: 'held' } })
})

test('an untrusted proxy is logged once, with the setting to change; a trusted one is not', async () => {
  const forwarded = { headers: { 'x-forwarded-for': '198.51.100.7' } }
  const warnings = async (http: Partial<Config['http']>) => {
    const { ask, releasePath, log } = await served({ http })
    for (let request = 0; request < 3; request += 1) await ask(releasePath, forwarded)
    return { warned: log().match(/X-Forwarded-For[^"]*/g) ?? [], log: log() }
  }
  const unset = await warnings({})
  expect(unset.warned).toEqual([expect.stringContaining('http.trustProxy: [127.0.0.1]')])
  expect(unset.log).not.toContain('198.51.100.7')
  const trusted = await warnings({ trustProxy: ['127.0.0.1'] })
  expect(trusted.warned).toEqual([])
  expect(trusted.log).toContain('198.51.100.7')
})

test('the log names the route of a request, and never the token', async () => {
  const { ask, releasePath, preferencesPath, log } = await served()
  for (const path of [releasePath, preferencesPath, `${releasePath}x`, '/release/%ff']) {
    await ask(path)
    await ask(path, { method: 'POST' })
  }
  expect(log()).toContain('"route":"/release/:token"')
  for (const part of releasePath.split(/[/.]/).slice(2)) expect(log()).not.toContain(part)
})

test('a port that is taken, or a malformed proxy address, stops the start', async () => {
  const { port, startAgain } = await served()
  await expect(startAgain({ port })).rejects.toMatchObject({
    code: 'PORT_UNAVAILABLE',
    message: expect.stringContaining(`127.0.0.1:${port} (EADDRINUSE)`),
  })
  await expect(startAgain({ trustProxy: ['not-an-address'] })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('http.trustProxy'),
  })
})

test('the link that no human sees answers every method with an empty page, and is recorded once', async () => {
  const { ask, canaryPath, rows, meter, transport } = await served()
  expect((await ask(canaryPath, { headers: { accept: 'text/html' } })).text).toContain('Nothing to see here')
  for (const method of ['GET', 'HEAD', 'POST', 'PROPFIND']) {
    expect(await ask(canaryPath, { method, headers: { purpose: 'prefetch' } })).toMatchObject({ status: 200 })
  }
  expect(await rows('digest_digest')).toMatchObject([{ canary_at: NOW }])
  expect(meter.calls.filter(([call]) => call === 'machineSeen')).toHaveLength(1)
  expect(await rows('digest_audit')).toMatchObject([{ action: 'machine-seen', recipient: ALICE }])
  expect(transport.requests).toEqual([])
  expect(await ask(canaryPath.replace('/more/', '/release/'))).toMatchObject({ status: 401 })
  expect(await ask(`${canaryPath.slice(0, -2)}xx`)).toMatchObject({ status: 401 })
})

test('once a machine was seen, only the button of the page releases', async () => {
  const { ask, canaryPath, releasePath, rows, transport } = await served()
  const html = { accept: 'text/html' }
  expect((await ask(releasePath, { headers: html })).text).toContain('<script')
  await ask(canaryPath, { method: 'HEAD' })
  expect((await ask(releasePath, { headers: html })).text).not.toContain('<script')
  for (const body of [undefined, new URLSearchParams({ by: 'itself', button: 'no' })]) {
    const refused = await ask(releasePath, { method: 'POST', ...(body ? { body } : {}) })
    expect(refused).toMatchObject({ status: 403, json: { status: 'failed', code: 'CONFIRMATION_REQUIRED' } })
  }
  const page = await ask(releasePath, { method: 'POST', headers: html })
  expect(page).toMatchObject({ status: 403, text: expect.stringContaining('name="button" value="yes"') })
  expect(page.text).not.toContain('<script')
  expect(transport.requests).toEqual([])
  expect((await rows('digest_audit')).filter(row => row.outcome === 'CONFIRMATION_REQUIRED')).toHaveLength(3)
  const button = new URLSearchParams({ button: 'yes' })
  expect(await ask(releasePath, { method: 'POST', body: button })).toMatchObject({ status: 200 })
  expect(transport.requests).toHaveLength(1)
  // Once the message is released, the answer needs no button.
  expect(await ask(releasePath, { method: 'POST' })).toMatchObject({ json: { status: 'already-released' } })
})

test('once a machine was seen, a risky message needs the confirmation and the button', async () => {
  const { ask, canaryPath, releasePath, transport } = await served({ mail: { content: 'B' } })
  await ask(canaryPath)
  const post = (fields: Record<string, string>) =>
    ask(releasePath, { method: 'POST', body: new URLSearchParams(fields), headers: { accept: 'text/html' } })
  for (const fields of [{ button: 'yes' }, { confirm: 'yes' }]) {
    expect(await post(fields)).toMatchObject({
      status: 403,
      text: expect.stringContaining('Check this message first'),
    })
  }
  expect(transport.requests).toEqual([])
  expect(await post({ confirm: 'yes', button: 'yes' })).toMatchObject({ status: 200 })
})

test('only a machine that read one of this reader’s digests made since the message arrived counts', async () => {
  const { ask, canaryPath, releasePath, state } = await served()
  const mark = (change: object) => state.sql.updateTable('digest_digest').set(change).execute()
  await ask(canaryPath)
  await mark({ created_at: NOW - 2 * HOUR })
  expect(await ask(releasePath, { method: 'POST', headers: { purpose: 'prefetch' } })).toMatchObject({
    status: 200,
  })
  await mark({ created_at: NOW + DAY })
  expect(await ask(releasePath, { method: 'POST' })).toMatchObject({ status: 403 })
  await mark({ reader: 'bob@example.com' })
  expect(await ask(releasePath, { method: 'POST' })).toMatchObject({ status: 200 })
})

test('without the canary no release needs the button', async () => {
  const { ask, canaryPath, releasePath } = await served({ canary: false })
  await ask(canaryPath)
  expect(await ask(releasePath, { method: 'POST' })).toMatchObject({
    status: 200,
    json: { status: 'released' },
  })
})

test('requests to genuine links are recorded, and those to forged links are not', async () => {
  const { ask, releasePath, digestPath, preferencesPath, canaryPath, clicks, rows } = await served()
  for (const path of [releasePath, digestPath, preferencesPath, canaryPath]) await ask(path)
  await ask(releasePath, { method: 'HEAD' })
  await ask(`${releasePath.slice(0, -2)}xx`)
  await clicks[Symbol.asyncDispose]()
  const pages = (await rows('digest_click')).map(({ page, method }) => `${method} ${page}`)
  expect(pages.sort()).toEqual(['GET canary', 'GET digest', 'GET preferences', 'GET release', 'HEAD release'])
})

test('a release that fails because amavis’s tables cannot be read leaves an audit row that names the message', async () => {
  const { ask, releasePath, rows, storage } = await served()
  await storage.sql.schema.dropTable('msgrcpt').execute()
  expect(await ask(releasePath, { method: 'POST' })).toMatchObject({ status: 503 })
  expect(await rows('digest_audit')).toMatchObject([
    { actor_kind: 'reader', actor: ALICE, action: 'release', recipient: ALICE, outcome: 'TABLE_MISSING' },
  ])
})

interface ServedOptions {
  /** Where entries about senders are written. */
  readonly senderLists?: SenderLists
  /** Fields of the first message for Alice. */
  readonly mail?: Partial<HeldMailSpec>
  readonly more?: readonly HeldMailSpec[]
  readonly http?: Partial<Config['http']>
  readonly publicUrl?: string
  readonly oneClick?: boolean
  /** How far the first collecting looks back, in milliseconds. */
  readonly initial?: number
  /** Pages that an admin has overridden, by file name. */
  readonly ownPages?: Readonly<Record<string, string>>
  readonly readiness?: ServerDeps['readiness']
  readonly canary?: boolean
}

/** The routes on a real server, with one digest for Alice and the paths of its links. */
async function served(options: ServedOptions = {}) {
  const program = await embeddedProgram()
  const deps = { ...program.deps, canary: options.canary ?? true }
  const [key] = await hold(
    program.storage,
    { recipient: ALICE, receivedAt: NOW - HOUR, ...options.mail },
    ...(options.more ?? []),
  )
  await run(
    { ...deps, initial: options.initial ?? deps.initial },
    { schedule: undefined, readers: undefined, dueAt: NOW },
  )
  const { log, lines } = readableLog()
  const clicks = createClickRecorder(deps)
  onTestFinished(() => clicks[Symbol.asyncDispose]())
  const start = (http: Partial<Config['http']>) =>
    startServer({
      publicUrl: options.publicUrl ?? PUBLIC_URL,
      http: { ...DEFAULT_HTTP, port: 0, ...http },
      log,
      clock: deps.clock,
      contact: 'postmaster@example.com',
      standardLanguage: 'de',
      pages: options.ownPages ? loadPages(ownTemplates(options.ownPages), LOCALES) : pages,
      oneClick: options.oneClick ?? true,
      readiness: options.readiness ?? (async () => []),
      metrics: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'figures 1\n' }),
      meter: deps.meter,
      refusals: deps.refusals,
      answerInstance: () => '',
      visits: linkVisits(deps),
      reader: readerDesk(deps),
      messages: messagesOf(deps, options.senderLists && { senderLists: options.senderLists }),
      recordClick: clicks.recordClick,
      admin: undefined,
    })
  const server = await start(options.http ?? {})
  onTestFinished(() => server[Symbol.asyncDispose]())

  const [digest] = await program.rows('digest_digest')
  const item = (await program.rows('digest_item')).find(row => row.mail_id === key?.mailId)
  if (!digest || !item || !key) throw new Error('there is no digest')
  const links = deps.urls.ofDigest({ digestId: digest.digest_id, reader: ALICE, createdAt: NOW }, NOW)
  const release = deps.urls.release(
    {
      itemId: item.item_id,
      recipient: item.recipient,
      reader: item.reader,
      mailAt: NOW - HOUR,
      kind: 'spam',
    },
    NOW,
    NOW,
  )
  return {
    ...program,
    key,
    port: server.port,
    server,
    startAgain: start,
    log: () => lines.join(''),
    releasePath: pathOf(release.url),
    digestPath: pathOf(links.digest),
    preferencesPath: pathOf(links.preferences),
    canaryPath: pathOf(links.canary ?? ''),
    clicks,
    ask: (path: string, init: RequestInit = {}) => ask(`http://127.0.0.1:${server.port}${path}`, init),
  }
}

function ownTemplates(files: Readonly<Record<string, string>>): TemplateFiles {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'pages'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'pages', name), text)
  return templateFiles(folder)
}

const DEFAULT_HTTP = configSchema.shape.http.parse({})

const pathOf = (url: string) => new URL(url).pathname

/** Asks for JSON unless `init` says otherwise. */
async function ask(url: string, init: RequestInit) {
  const headers = { accept: 'application/json', ...init.headers }
  const response = await fetch(url, { redirect: 'manual', ...init, headers })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== ''
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  }
}

function multipart(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return form
}
