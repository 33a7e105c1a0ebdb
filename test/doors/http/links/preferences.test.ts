import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import { linkVisits } from '../../../../src/desks/reader/link-visits.ts'
import { readerDesk } from '../../../../src/desks/reader/reader-desk.ts'
import { postDestination, showDestination } from '../../../../src/doors/http/links/destination.ts'
import { postPreferences, showPreferences } from '../../../../src/doors/http/links/preferences.ts'
import { secured, securityHeaders } from '../../../../src/doors/http/middleware/security-headers.ts'
import { errors } from '../../../../src/doors/http/pages/errors.ts'
import { loadPages } from '../../../../src/doors/http/pages/pages.ts'
import { LONGEST_BODY } from '../../../../src/doors/http/web/form.ts'
import { DAY, MINUTE } from '../../../../src/ground/durations.ts'
import type { PreferenceTable } from '../../../../src/ground/state/state-tables.ts'
import { templateFiles } from '../../../../src/ground/templates/template-files.ts'
import { FOREVER } from '../../../../src/rules/settings/setting-fields.ts'
import { collect } from '../../../../src/work/collect/collect.ts'
import { ALICE, linkedReader } from '../../../desks/reader/settings/linked-reader.ts'
import { NOW } from '../../../embedded/clock.ts'
import { LOCALES } from '../../../embedded/program.ts'

const pages = loadPages(templateFiles(), LOCALES)
const UNLOCKED = { '@': { locked: '[]' } }

test('GET answers with the settings as JSON, and changes nothing', async () => {
  const { get, rows } = await served()
  expect(await get('json')).toMatchObject({
    status: 200,
    json: {
      status: 'active',
      pausedUntil: null,
      nextDigestAt: '2026-03-11T06:00:00.000Z',
      waiting: { total: 0, kinds: {}, firstExpiresAt: null, onItsWay: 0, earlier: 1 },
      schedule: null,
      schedules: ['mondays', 'weekdays'],
      language: 'en',
      timeZone: 'UTC',
      locked: ['deliverTo'],
    },
  })
  expect(await rows('digest_preference')).toEqual([])
})

describe('the page', () => {
  test('sets a phrase, shows it from then on, and clears it again', async () => {
    const { get, post, rows } = await served()
    const form = { settings: 'save', 'shown-phrase': '', phrase: ' The <b> teapot ' }
    await post(form, 'html')
    expect(await rows('digest_preference')).toMatchObject([{ scope: ALICE, phrase: 'The <b> teapot' }])
    const { text } = await get('html')
    expect(text).toContain('Your phrase: <bdi>The &lt;b&gt; teapot</bdi>')
    expect(text).toMatch(/<input id="phrase"[^>]* value="The &lt;b&gt; teapot"/)
    await post({ ...form, 'shown-phrase': 'The <b> teapot', phrase: '' }, 'html')
    expect(await rows('digest_preference')).toEqual([])
    const details = (await rows('digest_audit')).map(row => row.detail)
    expect(details).toEqual(['phrase: - → set', 'phrase: set → -'])
  })

  test('shows when digests come, what can be chosen, and what the link can do', async () => {
    const { get } = await served()
    const { text } = await get('html')
    expect(text).toContain('Your digests are on')
    expect(plain(text)).toContain('Next digest: Wed, Mar 11, 6:00 AM.')
    expect(plain(text)).toContain('Monday to Friday at 7:00 AM and 3:00 PM')
    expect(plain(text)).toContain('Monday at 7:00 AM')
    expect(text).toContain('<option value="en" lang="en">English</option>')
    expect(text).toContain('<optgroup label="Europe">')
    expect(plain(text)).toContain('1 message from an earlier digest can still be released')
    expect(text).toContain('so please don’t forward it')
    expect(plain(text)).toContain('Your digests go to Alice@example.com.')
    expect(text).not.toContain('name="destination"')
    expect(text.match(/Set by your administrator/g)).toHaveLength(1)
  })

  test('shows no subjects or senders of the mail that waits', async () => {
    const { get, holdMore, deps } = await served()
    await holdMore({ subject: 'Quarterly figures', from: 'Mallory <mallory@evil.example>' })
    await collect(deps, NOW)
    const { text } = await get('html')
    expect(plain(text)).toContain('1 message')
    expect(plain(text)).toContain('Looks like spam: 1')
    expect(plain(text)).toContain('The first one is deleted on April 10, 2026.')
    expect(text).not.toMatch(/quarterly|mallory|evil\.example/i)
  })

  test('uses the reader’s language and time zone, even under an old name of the zone', async () => {
    const { get } = await served({ [ALICE]: { time_zone: 'Asia/Calcutta', language: 'en-GB' } })
    const { text } = await get('html', { 'accept-language': 'xx' })
    expect(plain(text)).toContain('Next digest: Wed 11 Mar, 11:30.')
    expect(text).toContain('<option value="Asia/Calcutta" selected>Calcutta</option>')
    expect(text).toContain('<option value="en-GB" lang="en-GB" selected>British English</option>')
  })

  test.each([
    ['the browser’s, if nobody has set one', {}, 'de-AT,de;q=0.9,en;q=0.5', 'de'],
    ['the configuration’s, if the browser’s has no translation', {}, 'tlh', 'en'],
    ['the reader’s, whatever the browser asks for', { [ALICE]: { language: 'fr' } }, 'de', 'fr'],
    ['the domain’s, whatever the browser asks for', { '@example.com': { language: 'fr' } }, 'de', 'fr'],
  ])('is in the right language: %s', async (_, settings, accepted, expected) => {
    const { get } = await served(settings)
    expect((await get('html', { 'accept-language': accepted })).text).toContain(`<html lang="${expected}"`)
  })

  test.each([
    ['resting', 'Switched off at the moment: no digests come.'],
    ['daily', 'Every day at 6:00 AM'],
  ])('shows the present schedule even if it is off or no longer offered: %s', async (name, words) => {
    const { get, post, row } = await served({ [ALICE]: { schedules: `["${name}"]` } })
    const { text } = await get('html')
    expect(text).toMatch(new RegExp(`value="${name}" checked`))
    const option = new RegExp(`for="schedule-1">As it is now</label>.*?${words}.*?Not on offer`, 's')
    expect(plain(text)).toMatch(option)
    expect(plain((await post({ settings: 'save', schedule: '' }, 'html')).text)).not.toContain('As it is now')
    expect(await row()).toBeUndefined()
  })

  test('names the kinds of a filter in words', async () => {
    const { get, state } = await served()
    const filters = JSON.stringify({ kinds: ['spam', 'banned'] })
    await state.sql.updateTable('digest_schedule').set({ filters }).where('name', '=', 'mondays').execute()
    expect((await get('html')).text).toContain('Only these messages: Spam and Risky attachment.')
  })

  test('shows locked settings without a way to change them', async () => {
    const { get } = await served({
      '@': { locked: '["schedules","language","timeZone","deliverTo","pause"]' },
    })
    const { text } = await get('html')
    expect(text.match(/Set by your administrator/g)).toHaveLength(5)
    expect(text.match(/<(?:select|input|button)\b[^>]*name="[^"]*"/g)).toEqual([
      '<input type="hidden" name="button"',
      '<button class="button plain" type="submit" name="send"',
    ])
  })
})

describe('a form', () => {
  test.each([
    ['One-Click of RFC 8058', { 'List-Unsubscribe': 'One-Click' }, FOREVER],
    ['the button for good', { pause: 'yes' }, FOREVER],
    ['One-Click with a line break at its end', { 'List-Unsubscribe': 'One-Click\r\n' }, FOREVER],
    ['a week', { pause: 'week' }, Date.UTC(2026, 2, 18)],
    ['a month', { pause: 'month' }, Date.UTC(2026, 3, 10)],
  ])('pauses (%s), and the page offers to resume', async (_, form, until) => {
    const { post, row } = await served()
    const { status, text } = await post(form, 'html')
    expect(status).toBe(200)
    expect(text).toContain('role="status">Done: your digests are paused.')
    expect(text).toContain('name="resume" value="yes"')
    expect(Number((await row())?.paused_until)).toBe(until)
    expect(await post({ resume: 'yes' }, 'json')).toMatchObject({
      json: { status: 'active', done: 'resumed' },
    })
  })

  test.each([
    ['a button of the page', { pause: 'week' }, 'text/html,application/xhtml+xml,*/*;q=0.8', 303],
    ['a program that takes anything', { pause: 'week' }, '*/*', 200],
    ['a program', { pause: 'week' }, 'application/json, text/html;q=0.1', 200],
    ['a mail provider', { 'List-Unsubscribe': 'One-Click' }, '*/*', 200],
  ])(
    'from %s is answered by a redirect only if a browser might reload it',
    async (_, form, accept, status) => {
      const { url } = await served()
      const body = new URLSearchParams(form as Record<string, string>)
      const answer = await fetch(url, { method: 'POST', headers: { accept }, body, redirect: 'manual' })
      expect(answer.status).toBe(status)
      expect(answer.headers.get('location')).toBe(status === 303 ? '?done=paused' : null)
    },
  )

  test('has a notice only for a result that is still true and that a URL may carry', async () => {
    const { post, visit, token } = await served()
    const open = (done: string) => visit(`/preferences/${token}?done=${done}`)
    expect(await open('paused')).not.toContain('id="notice"')
    await post({ pause: 'week' }, 'html')
    expect(await open('paused')).toContain('Done: your digests are paused.')
    expect(await open('resumed')).not.toContain('id="notice"')
    for (const done of ['asked', 'addressRefused', '__proto__', '<script>']) {
      expect(await open(done)).not.toContain('id="notice"')
    }
  })

  test('opened before another one was saved changes only the fields that were changed on it', async () => {
    const { get, post, row } = await served()
    const opened = hiddenFields((await get('html')).text)
    expect(opened).toMatchObject({ settings: 'save', 'shown-schedule': '', 'shown-language': '' })
    const form = { ...opened, schedule: '', language: '', timezone: '' }
    await post({ ...form, language: 'en' }, 'html')
    await post({ ...form, schedule: 'mondays' }, 'html')
    expect(await row()).toMatchObject({ language: 'en', schedules: '["mondays"]' })
    expect(hiddenFields((await get('html')).text)).toMatchObject({
      'shown-schedule': 'mondays',
      'shown-language': 'en',
    })
  })

  test('saves several settings, and the answer already uses them', async () => {
    const { post, row } = await served()
    const form = { settings: 'save', schedule: 'weekdays', language: '', timezone: 'Asia/Tokyo' }
    const { status, text } = await post(form, 'html')
    expect(status).toBe(200)
    expect(text).toContain('Done: your settings are saved.')
    expect(plain(text)).toContain('Next digest: Wed, Mar 11, 3:00 PM.')
    expect(text).toMatch(/value="weekdays" checked/)
    expect(await row()).toMatchObject({ schedules: '["weekdays"]', language: null, time_zone: 'Asia/Tokyo' })
    expect(await post(form, 'json')).toMatchObject({ json: { done: 'unchanged' } })
  })

  test('sends a digest at once, but only one in ten minutes', async () => {
    const { post, holdMore, mailer, time } = await served()
    await holdMore({ receivedAt: NOW })
    expect(plain((await post({ send: 'now' }, 'html')).text)).toContain('your digest was sent to')
    const early = await post({ send: 'now' }, 'html')
    expect(early.status).toBe(429)
    expect(early.headers.get('retry-after')).toBe('Wed, 11 Mar 2026 05:10:00 GMT')
    expect(plain(early.text)).toContain('You can ask again from 5:10 AM.')
    expect(await post({ send: 'now' }, 'json')).toMatchObject({
      status: 429,
      json: { code: 'TOO_MANY_REQUESTS', again: '2026-03-11T05:10:00.000Z' },
    })
    time.now = NOW + 10 * MINUTE
    expect(await post({ send: 'now' }, 'json')).toMatchObject({ status: 200, json: { done: 'nothingWaits' } })
    expect(mailer.attempts).toHaveLength(1)
  })

  test('says so when the digest has to wait for the mail server, or is refused', async () => {
    const { url, post, holdMore, mailer, time } = await served()
    await holdMore({})
    mailer.answer = () => ({ outcome: 'deferred', reply: '451 secret words' })
    const queued = await post({ send: 'now' }, 'html')
    expect(queued.text).toContain('it is sent as soon as it can be')
    expect(plain(queued.text)).toContain('1 message is in a digest that is on its way to you.')
    expect(queued.text).not.toContain('Nothing new is waiting')
    expect(queued.text).not.toContain('secret words')
    expect(await fetch(`${url}?done=queued`)).toMatchObject({ status: 200 })
    time.now = NOW + DAY
    mailer.answer = () => ({ outcome: 'refused', reply: '550' })
    expect(await post({ send: 'now' }, 'json')).toMatchObject({ status: 502, json: { done: 'refused' } })
  })

  test.each([
    { settings: 'save', schedule: 'weekdays' },
    { settings: 'save', timezone: 'Asia/Tokyo' },
    { settings: 'save', language: 'en' },
    { pause: 'yes' },
    { 'List-Unsubscribe': 'One-Click' },
    { destination: 'a@example.net' },
  ])('is refused for locked settings, in the reader’s language: %o', async form => {
    const { post, row } = await served({
      '@': { language: 'fr', locked: '["schedules","language","timeZone","deliverTo","pause"]' },
    })
    expect(await post(form, 'json')).toMatchObject({ status: 403, json: { code: 'SETTING_LOCKED' } })
    expect((await post(form, 'html')).text).toContain('C’est votre administrateur qui l’a fixé')
    expect(await row()).toBeUndefined()
  })

  test.each([
    { settings: 'save', schedule: 'daily' },
    { settings: 'save', schedule: '<script>alert(1)</script>' },
    { settings: 'save', language: '<img src=x onerror=alert(1)>' },
    { settings: 'save', timezone: '{{reader}}' },
  ])('is refused for values that are not offered, and does not repeat them: %o', async form => {
    const { post, row } = await served()
    const { status, text } = await post(form, 'html')
    expect(status).toBe(400)
    expect(text).not.toMatch(/<script>|<img|\{\{/)
    expect(await row()).toBeUndefined()
  })

  test('that names a schedule which is no longer offered is answered with a notice on the page', async () => {
    const { post } = await served()
    const { status, text } = await post({ settings: 'save', schedule: 'resting' }, 'html')
    expect(status).toBe(400)
    expect(text).toContain('role="alert">This schedule isn’t offered any more.')
    expect(await post({ settings: 'save', schedule: 'resting' }, 'json')).toMatchObject({
      json: { code: 'SETTING_INVALID' },
    })
  })

  test('sent by a prefetching browser does nothing', async () => {
    const { url, rows, mailer, holdMore } = await served(UNLOCKED)
    await holdMore({})
    for (const body of [
      { pause: 'yes' },
      { send: 'now' },
      { destination: 'a@example.net' },
      { settings: 'save', timezone: 'Asia/Tokyo' },
    ]) {
      const headers = { 'sec-purpose': 'prefetch' }
      expect((await fetch(url, { method: 'POST', headers, body: new URLSearchParams(body) })).status).toBe(
        200,
      )
    }
    expect((await rows('digest_preference')).map(({ scope }) => scope)).toEqual(['@'])
    expect(mailer.attempts).toEqual([])
  })

  test('from another site needs the link too, because no cookie authorises anything', async () => {
    const { url, rows } = await served()
    const headers = {
      origin: 'https://evil.example',
      'sec-fetch-site': 'cross-site',
      cookie: 'session=stolen',
    }
    const body = new URLSearchParams({ pause: 'yes' })
    const guessed = url.replace(/.{8}$/, 'AAAAAAAA')
    expect((await fetch(guessed, { method: 'POST', headers, body })).status).toBe(401)
    expect(await rows('digest_preference')).toEqual([])
    const answer = await fetch(url, { method: 'POST', headers, body })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('set-cookie')).toBeNull()
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('once a machine was seen to read the digests', () => {
  const forms = [
    { pause: 'week' },
    { resume: 'yes' },
    { send: 'now' },
    { settings: 'save', language: 'de' },
    { destination: 'home@example.net' },
  ]

  test.each(forms)(
    'a request for %o without the button changes nothing, and the page asks for it',
    async form => {
      const { post, machine, rows, mailer } = await served(UNLOCKED)
      await machine()
      const json = await post(form, 'json')
      expect(json).toMatchObject({ status: 403, json: { status: 'failed', code: 'CONFIRMATION_REQUIRED' } })
      const html = await post(form, 'html')
      expect(html.status).toBe(403)
      expect(html.text).toContain('Nothing was changed yet.')
      expect(await rows('digest_preference')).toHaveLength(1)
      expect(mailer.attempts).toEqual([])
      expect(await rows('digest_audit')).toMatchObject([
        { actor: ALICE, outcome: 'CONFIRMATION_REQUIRED' },
        { actor: ALICE, outcome: 'CONFIRMATION_REQUIRED' },
      ])
      expect((await post({ ...form, button: 'yes' }, 'json')).status).toBeLessThan(300)
    },
  )

  test('each form of the page sends the button', async () => {
    const { get, machine } = await served({ ...UNLOCKED, [ALICE]: { deliver_to: 'pa@example.org' } })
    await machine()
    const { text } = await get('html')
    const pages = text.match(/<form[\s\S]*?<\/form>/g) ?? []
    expect(pages).toHaveLength(5)
    for (const form of pages) expect(form).toMatch(/name="button" value="yes"/)
  })

  test('a mail provider still pauses for its user (RFC 8058), and other readers need no button', async () => {
    const { post, machine, row } = await served(UNLOCKED)
    await machine('bob@example.com')
    expect(await post({ pause: 'week' }, 'json')).toMatchObject({ status: 200 })
    await post({ resume: 'yes' }, 'json')
    await machine()
    expect(await post({ 'List-Unsubscribe': 'One-Click' }, 'json')).toMatchObject({ status: 200 })
    expect(await row()).toMatchObject({ paused_until: FOREVER })
  })

  test('another destination is confirmed by the button of its page only', async () => {
    const { post, machine, mailer, row, visit } = await served(UNLOCKED)
    await post({ destination: 'home@example.net' }, 'json')
    await machine()
    const link = /https:\S+(\/destination\/\S+)/.exec(mailer.attempts[0]?.text ?? '')?.[1] ?? ''
    const refused = await visit(link, { method: 'POST', body: CONFIRM })
    expect(plain(refused)).toContain('would go to home@example.net')
    expect(refused).toContain('name="button" value="yes"')
    expect(await row()).toBeUndefined()
    const pressed = new URLSearchParams({ confirm: 'yes', button: 'yes' })
    expect(await visit(link, { method: 'POST', body: pressed })).toContain('Done: your digests go to another')
  })
})

describe('another destination', () => {
  test('is requested by a form, and confirmed by the button on the page that the mail links to', async () => {
    const { post, mailer, row, visit } = await served(UNLOCKED)
    const asked = await post({ destination: 'home@example.net' }, 'html')
    expect(asked.status).toBe(202)
    expect(plain(asked.text)).toContain('we have sent a mail to Alice@example.com')
    const link = /https:\S+(\/destination\/\S+)/.exec(mailer.attempts[0]?.text ?? '')?.[1] ?? ''
    const page = await visit(link)
    expect(plain(page)).toContain('From now on, digests for alice@example.com would go to home@example.net.')
    await visit(link, { method: 'POST', headers: { purpose: 'prefetch' }, body: CONFIRM })
    expect(await visit(link, { method: 'POST' })).toContain('BODY_UNREADABLE')
    expect(await row()).toBeUndefined()
    expect(await visit(link, { method: 'POST', body: CONFIRM })).toContain(
      'Done: your digests go to another address',
    )
    expect(await row()).toMatchObject({ deliver_to: 'home@example.net' })
    expect(await visit(link, { method: 'POST', body: CONFIRM })).toContain('This link was used before')
  })

  test('can be undone by a button, wherever it was set, so that digests come to the own mailbox again', async () => {
    const elsewhere = { [ALICE]: { deliver_to: 'pa@example.org' } }
    const { get, post, mailer } = await served({ ...UNLOCKED, ...elsewhere })
    const { text } = await get('html')
    expect(text).toContain('name="destination" value="Alice@example.com"')
    expect(plain(text)).toContain('Send them to Alice@example.com again')
    const { text: asked } = await post({ destination: 'Alice@example.com' }, 'html')
    expect(plain(asked)).toContain('we have sent a mail to Alice@example.com')
    expect(mailer.attempts.map(({ to }) => to)).toEqual(['Alice@example.com'])
    const sentAway = await served({ '@': { locked: '[]', deliver_to: 'boss@example.com' } })
    expect((await sentAway.get('html')).text).toContain('name="destination" value="Alice@example.com"')
    const atHome = await served({ ...UNLOCKED, [ALICE]: { deliver_to: ALICE } })
    expect((await atHome.get('html')).text).not.toContain('name="destination" value="Alice')
  })

  test('that is malformed is shown again in its field, as text, with an error', async () => {
    const { post, mailer } = await served(UNLOCKED)
    const typed = '"><script>alert(1)</script>'
    const { status, text } = await post({ destination: typed }, 'html')
    expect(status).toBe(400)
    expect(text).toContain('role="alert"')
    expect(text).toContain('aria-invalid="true"')
    expect(text).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"')
    expect(mailer.attempts).toEqual([])
    expect(await post({ destination: typed }, 'json')).toMatchObject({ json: { code: 'SETTING_INVALID' } })
  })
})

const CONFIRM = new URLSearchParams({ confirm: 'yes' })

/** The two routes on a real server, for Alice. */
async function served(settings: Readonly<Record<string, Partial<PreferenceTable>>> = {}) {
  const world = await linkedReader(settings)
  const answerDeps = {
    pages,
    contact: 'postmaster@example.com',
    standardLanguage: 'en',
    clock: world.deps.clock,
  }
  const deps = { ...answerDeps, visits: linkVisits(world.deps), reader: readerDesk(world.deps) }
  const body = express.raw({ type: () => true, limit: LONGEST_BODY })
  const app = express().use(secured(securityHeaders('https://mail.example')))
  app.route('/preferences/:token').get(showPreferences(deps)).post(body, postPreferences(deps))
  app.route('/destination/:token').get(showDestination(deps)).post(body, postDestination(deps))
  app.use(errors(answerDeps, pino({ level: 'silent' })))
  const server = createServer(app).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const url = `${origin}/preferences/${world.token}`
  return {
    ...world,
    url,
    /** A machine reads the digests of a reader. */
    machine: (reader = ALICE) =>
      world.state.sql
        .updateTable('digest_digest')
        .set({ canary_at: NOW })
        .where('reader', '=', reader)
        .execute(),
    get: (as: 'html' | 'json', headers: Readonly<Record<string, string>> = {}) => ask(url, as, { headers }),
    post: (form: Readonly<Record<string, string | undefined>>, as: 'html' | 'json') =>
      ask(url, as, { method: 'POST', body: new URLSearchParams(form as Record<string, string>) }),
    visit: async (path: string, init: RequestInit = {}) => (await ask(`${origin}${path}`, 'html', init)).text,
  }
}

async function ask(url: string, as: 'html' | 'json', init: RequestInit) {
  const accept = as === 'json' ? 'application/json' : 'text/html'
  const response = await fetch(url, { ...init, headers: { accept, ...init.headers } })
  const text = await response.text()
  const { status, headers } = response
  return { status, headers, text, json: as === 'json' ? JSON.parse(text) : undefined }
}

const hiddenFields = (html: string): Record<string, string> =>
  Object.fromEntries(
    [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name, value]) => [
      name,
      value,
    ]),
  )

/** Without the marks that isolate the direction of a name. */
const plain = (html: string): string => html.replace(/[\u2066-\u2069]/g, '').replaceAll('\u00A0', ' ')
