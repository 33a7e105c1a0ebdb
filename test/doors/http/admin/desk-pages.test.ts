import { expect, test } from 'vitest'
import { AUDIT_ACTIONS, recordAudits } from '../../../../src/ground/audit/record.ts'
import { findItems } from '../../../../src/work/collect/items.ts'
import { fillDesk, HOSTILE, ODD } from '../../../desks/admin/fill.ts'
import type { Answer, TestBrowser } from '../../../servers/test-browser.ts'
import { DOMAIN_ADMIN, type ServedDesk, servedDesk } from './served-desk.ts'

/** The subject of the held mail, as it is shown. */
const SUBJECT = '<bdi>&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;gpj.exe</bdi>'

const readerPage = (whom: string) => `/admin/readers/of?${new URLSearchParams({ whom })}`

const ALICE = 'alice@example.com'

const PAGES = [
  ['/admin/schedules/calendar', 'Calendar'],
  ['/admin/readers', 'a/b?c#d%25&amp;e&#x3D;&lt;i&gt;'],
  ['/admin/readers?search=ali', 'alina@example.org'],
  [readerPage('alice@example.com'), 'Waiting for the next digest'],
  [readerPage(ODD), 'The next digest can come on'],
  [readerPage('@example.com'), 'Change the settings'],
  [readerPage('@'), 'Everybody'],
  [readerPage('somebody.new@example.com'), 'Nothing waits'],
  ['/admin/held', 'Held mail'],
  ['/admin/held?q=is:released', 'Held mail'],
  ['/admin/held/summary', 'Held mail by day'],
  ['/admin/digests', '550 5.1.1 No such user'],
  ['/admin/digests?run=run-sent', 'Only the digests of one run'],
  ['/admin/digests?reader=%40example.org&state=sent', 'alina@example.org'],
  ['/admin/digests/sent', 'A machine was seen reading this digest'],
  ['/admin/digests/pending', 'Stop trying'],
  ['/admin/releases', 'AMAVISD_REFUSED'],
  ['/admin/releases?state=uncertain', 'Uncertain'],
  ['/admin/clicks?days=7', '100%'],
  ['/admin/changes', 'Nothing has happened yet'],
] as const

test('every page works, and shows strangers’ strings as plain text only', async () => {
  const { browser } = await filled()
  for (const [path, words] of PAGES) {
    const { status, text } = await browser.get(path)
    expect(status, path).toBe(200)
    expect(text, path).toContain(words)
    expect(text, path).not.toContain('<script>')
    expect(text, path).not.toContain(HOSTILE)
    expect(text, path).not.toContain('\u202E')
    expect(text, path).not.toContain('<i>')
  }
})

test('an admin of one domain sees nothing of others', async () => {
  const { browser } = await filled(DOMAIN_ADMIN)
  for (const [path] of PAGES) {
    const { status, text } = await browser.get(path)
    expect([200, 403, 404], path).toContain(status)
    // A refusal repeats what was asked for.
    if (status === 200) expect(text, path).not.toMatch(/<bdi>(?:alice|&quot;a\/b)/)
  }
  for (const path of [readerPage('alice@example.com'), readerPage('@example.com'), readerPage('@')]) {
    expect((await browser.get(path)).status, path).toBe(403)
  }
  expect((await browser.get('/admin/digests?reader=alice%40example.com')).status).toBe(403)
  expect((await browser.get('/admin/releases?reader=%40example.com')).status).toBe(403)
  expect((await browser.get('/admin/readers/preview?whom=alice%40example.com')).status).toBe(403)
  expect((await browser.get(readerPage('alina@example.org'))).text).toContain('alina@example.org')
  expect((await browser.get('/admin/digests')).text).toContain('alina@example.org')
  expect((await browser.get('/admin/releases')).text).toContain('alina@example.org')
})

test('an admin of one domain can change nothing of others', async () => {
  const { desk, browser } = await filled(DOMAIN_ADMIN)
  await browser.get('/admin/readers')
  const refused = [
    [readerPage('alice@example.com'), { language: 'en', version: '0' }],
    [readerPage('@example.com'), { language: 'en', version: '0' }],
    [readerPage('@'), { language: 'en', version: '0' }],
    ['/admin/readers/pause', { whom: 'alice@example.com', pause: 'yes' }],
    ['/admin/readers/send', { whom: 'alice@example.com' }],
  ] as const
  for (const [path, fields] of refused) {
    expect((await browser.post(path, fields)).status, path).toBe(403)
  }
  // Ids can be guessed, so a foreign id gets the same answer as an unknown one.
  const answerTo = async (id: string, path: string, fields?: Record<string, string>) => {
    const { status, text } = fields ? await browser.post(path, fields) : await browser.get(path)
    return { status, text: text.slice(text.indexOf('<main')).replaceAll(id, 'ID') }
  }
  const answersTo = async (digest: string, item: string) => [
    await answerTo(digest, `/admin/digests/${digest}`),
    await answerTo(digest, `/admin/digests/${digest}`, { do: 'resend' }),
    await answerTo(digest, `/admin/digests/${digest}`, { do: 'drop' }),
    await answerTo(item, '/admin/releases', { do: 'retry', item }),
    await answerTo(item, '/admin/releases', { do: 'drop', item }),
  ]
  const unknown = await answersTo('unheard-of', 'unheard-of')
  expect(unknown.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404])
  expect(await answersTo('pending', 'item1')).toEqual(unknown)
  expect((await desk.app.desk.digests.find(undefined, 'pending')).digest.state).toBe('pending')
  const settings = await desk.app.desk.settings.list(undefined, { limit: 10 })
  expect(settings.rows).toEqual([])
  expect(desk.mails().filter(({ subject }) => subject !== 'Your sign-in link')).toEqual([])
})

test('nothing is shown or changed without a session, or by a form from another site', async () => {
  const { desk, browser } = await filled()
  const stranger = desk.browser()
  for (const [path] of PAGES) expect((await stranger.get(path)).status, path).toBe(303)
  const posts = [
    readerPage('alice@example.com'),
    '/admin/readers/pause',
    '/admin/readers/send',
    '/admin/digests/sent',
    '/admin/releases',
  ]
  for (const path of posts) {
    expect((await stranger.post(path)).status, path).toBe(401)
    expect((await browser.post(path, {}, { 'sec-fetch-site': 'cross-site' })).status, path).toBe(403)
    expect(
      (await browser.post(path, { form: 'forged' }, { origin: 'https://evil.example' })).status,
      path,
    ).toBe(403)
  }
})

test('a malformed query is refused with a page', async () => {
  const { browser } = await filled()
  for (const path of [
    '/admin/readers/of?whom=nonsense',
    '/admin/digests?reader=nonsense',
    '/admin/digests?after=x',
    '/admin/readers?after=x',
    '/admin/changes?after=%00',
  ]) {
    const { status, text } = await browser.get(path)
    expect(status, path).toBe(400)
    expect(text, path).toContain('<h1>')
  }
})

test('a filter that cannot be read shows a fault at its field, and a domain needs no at-sign', async () => {
  const { browser } = await filled()
  for (const list of ['digests', 'releases', 'changes']) {
    const { status, text } = await browser.get(`/admin/${list}?reader=abc%22`)
    expect(status, list).toBe(400)
    expect(text, list).toMatch(
      /id="reader-fault"><span lang="en">This is neither an address nor a domain: .?abc/,
    )
    expect(text, list).toContain('value="abc&quot;"')
    expect((await browser.get(`/admin/${list}?reader=Example.org`)).status, list).toBe(200)
  }
  expect((await browser.get('/admin/digests?reader=example.org')).text).toContain('alina@example.org')
})

test('failures are explained in words for admins, with a link back', async () => {
  const { browser } = await filled()
  await browser.get('/admin/releases')
  const failures = [
    [await browser.get('/admin/digests/none'), 404, 'digests'],
    [await browser.get('/admin/schedules/edit?name=none'), 404, 'schedules'],
    [await browser.get('/admin/readers/of?whom=nonsense'), 400, 'readers'],
    [await browser.get('/admin/digests?after=x'), 400, 'digests'],
    [await browser.post('/admin/releases', { do: 'retry', item: 'none' }), 404, 'releases'],
    [await browser.get('/admin/changes/none'), 404, 'changes'],
  ] as const
  for (const [{ status, text }, expected, section] of failures) {
    expect(status, section).toBe(expected)
    expect(text, section).not.toMatch(/the digest again|your digest|not your fault|your mail administrator/)
    expect(text, section).toContain(`<a class="button plain" href="/admin/${section}">`)
  }
})

test('a search for a domain among the readers links to the domain', async () => {
  const { browser } = await filled()
  const { text } = await browser.get('/admin/readers?search=example.org')
  expect(text).toContain('href="/admin/readers/of?whom&#x3D;%40example.org"')
})

test('each change says in words what was done and for whom, with a link to the digest', async () => {
  const { desk, browser } = await filled()
  const actor = { kind: 'admin', name: 'root', remoteAddress: null } as const
  const lines = AUDIT_ACTIONS.map(action => ({ actor, action, outcome: 'done', recipient: '@' }))
  const release = { actor, action: 'release', outcome: 'done', recipient: ALICE, itemId: 'item0' } as const
  await recordAudits(desk.database.state, [...lines, release], desk.time.now)
  const { text } = await browser.get('/admin/changes')
  for (const action of AUDIT_ACTIONS) expect(text).not.toContain(`>${action}<`)
  expect(text).toContain('<bdi>Everybody</bdi>')
  expect(text).not.toContain('<bdi>@</bdi>')
  const [item] = await findItems(desk.database.state, ['item0'])
  expect(text).toContain(`href="/admin/digests/${item?.digestId}"`)
  expect(text).toContain(SUBJECT)
  expect(text).not.toContain(`>${item?.mailId}<`)
  const ofAlice = await browser.get(`/admin/changes?reader=${encodeURIComponent(ALICE)}`)
  expect(ofAlice.text).not.toContain('<bdi>Everybody</bdi>')
  expect(ofAlice.text).toContain(SUBJECT)
})

test('a reader gets settings, and each field says where it comes from', async () => {
  const { desk, browser } = await filled()
  await browser.get(readerPage('@example.com'))
  const wide = {
    version: '0',
    timeZone: 'tokyo',
    schedule: 'daily',
    locks: 'own',
    locked: 'language',
    pause: '',
    enabled: '',
  }
  expect(await browser.post(readerPage('@example.com'), wide)).toMatchObject({ status: 303 })
  const own = {
    version: '0',
    language: 'en',
    deliverTo: 'boss@example.net',
    pause: 'until',
    pauseUntil: '2026-12-24',
  }
  expect(await browser.post(readerPage(ODD), own)).toMatchObject({
    status: 303,
    location: `${readerPage(ODD)}&done=saved`,
  })
  const page = await browser.get(readerPage(ODD))
  expect(page.text).toMatch(/Asia\/Tokyo<\/bdi><\/td><td[^>]*><span class="note">domain \u2068?@example\.com/)
  expect(page.text).toContain('boss@example.net')
  expect(page.text).toContain('Paused until')
  const held = await desk.app.desk.settings.explain(undefined, ODD)
  expect(held).toMatchObject({
    deliverTo: { value: 'boss@example.net', from: 'reader' },
    pausedUntil: { value: Date.UTC(2026, 11, 24) },
    locked: { value: ['language'], from: 'domain' },
  })
})

test('any valid address has a page with its own settings', async () => {
  const { desk, browser } = await filled()
  const long = `${'l'.repeat(64)}@${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(60)}.example`
  const addresses = [
    ODD,
    '"sp ace+%00"@example.com',
    "o'neil@example.com",
    'zoë@xn--mnchen-3ya.example',
    'user@[192.0.2.1]',
    long,
  ]
  for (const address of addresses) {
    await browser.get(readerPage(address))
    expect(
      await browser.post(readerPage(address), { version: '0', timeZone: 'Asia/Tokyo' }),
      address,
    ).toMatchObject({
      status: 303,
    })
    expect((await browser.get(readerPage(address))).text, address).toContain('set here')
    expect((await desk.app.desk.settings.find(undefined, address))?.timeZone, address).toBe('Asia/Tokyo')
  }
  expect((await desk.app.desk.settings.list(undefined, { limit: 10 })).rows).toHaveLength(addresses.length)
  const idn = await browser.get(readerPage('ZOË@münchen.example'))
  expect(idn.text).toContain('zoë@münchen.example')
  expect(idn.text).toContain('set here')
})

test('invalid settings show faults at their fields, and nothing is saved', async () => {
  const { desk, browser } = await filled()
  await browser.get(readerPage(ODD))
  const answer = await browser.post(readerPage(ODD), {
    version: '0',
    timeZone: 'Nowhere',
    pause: 'until',
    pauseUntil: 'soon',
  })
  expect(answer.status).toBe(400)
  expect(answer.text).toContain('timeZone-fault')
  expect(answer.text).toContain('pauseUntil-fault')
  expect(answer.text).toContain('value="Nowhere"')
  const refused = await browser.post(readerPage(ODD), {
    version: '0',
    deliverTo: 'no address',
    schedule: 'none',
  })
  expect(refused.status).toBe(400)
  expect(refused.text).toContain('deliverTo-fault')
  expect(refused.text).toContain('schedules-fault')
  const zone = await browser.post(readerPage(ODD), { version: '0', timeZone: 'BST' })
  expect(zone.status).toBe(400)
  expect(zone.text).toContain('BST has several meanings. Write Europe/London if you mean that.')
  expect((await desk.app.desk.settings.list(undefined, { limit: 1 })).rows).toEqual([])
})

test('the second of two admins sees a conflict, and the settings of the first stay', async () => {
  const { desk, browser } = await filled()
  await browser.get(readerPage(ODD))
  await browser.post(readerPage(ODD), { version: '0', timeZone: 'Europe/Paris' })
  const conflict = await browser.post(readerPage(ODD), { version: '0', timeZone: 'Europe/Rome' })
  expect(conflict.status).toBe(409)
  expect(conflict.text).toContain('Somebody else has changed this in the meantime')
  expect(conflict.text).toContain('value="Europe/Rome"')
  expect((await desk.app.desk.settings.explain(undefined, ODD)).timeZone.value).toBe('Europe/Paris')
})

test('a reader is paused and resumed, and settings are removed', async () => {
  const { desk, browser } = await filled()
  await browser.get(readerPage(ODD))
  await browser.post('/admin/readers/pause', { whom: ODD, pause: 'yes', version: '0' })
  const page = await browser.get(readerPage(ODD))
  expect(page.text).toContain('Paused until somebody resumes')
  expect(page.text).toContain('Resume')
  expect((await browser.get('/admin/changes')).text).toContain('settings-set')
  const late = await browser.post('/admin/readers/pause', { whom: ODD, pause: 'no', version: '0' })
  expect(late).toMatchObject({
    status: 409,
    text: expect.stringContaining('Somebody else has changed this in the meantime'),
  })
  await browser.post('/admin/readers/pause', { whom: ODD, pause: 'no', version: versionOn(late) })
  expect((await desk.app.desk.settings.explain(undefined, ODD)).isPaused).toBe(false)
  const version = versionOn(await browser.get(readerPage(ODD)))
  expect(await browser.post(readerPage(ODD), { version, clear: 'yes' })).toMatchObject({ status: 303 })
  expect(await desk.app.desk.settings.find(undefined, ODD)).toBeUndefined()
})

test('the page of a domain shows the reader of each digest', async () => {
  const { browser } = await filled()
  const { text } = await browser.get(readerPage('@example.org'))
  expect(text).toMatch(/whom&#x3D;alina%40example\.org"><span class="address"><bdi>alina@example\.org/)
})

test('the digest of a reader is previewed, sent, and sent again', async () => {
  const { desk, browser } = await filled()
  const preview = await browser.get(`/admin/readers/preview?whom=${encodeURIComponent(ALICE)}`)
  expect(preview.status).toBe(200)
  expect(preview.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/)
  expect(preview.text).not.toMatch(/<script|href="[^"]*\/release\/(?!preview")/)
  await browser.get(readerPage(ALICE))
  expect(await browser.post('/admin/readers/send', { whom: ALICE })).toMatchObject({
    status: 303,
    location: `${readerPage(ALICE)}&done=sent`,
  })
  desk.time.now += 1000
  // A digest that had been put off was sent, too.
  expect(await browser.post('/admin/readers/send', { whom: ALICE })).toMatchObject({
    location: `${readerPage(ALICE)}&done=nothing`,
  })
  const [digest] = (await desk.app.desk.digests.list(undefined, { reader: ALICE, state: 'sent', limit: 1 }))
    .rows
  const path = `/admin/digests/${digest?.id}`
  expect((await browser.get(path)).text).toContain('Send it again')
  expect(await browser.post(path, { do: 'resend' })).toMatchObject({ location: `${path}?done=resent` })
  expect(await browser.get(`/admin/readers/preview?whom=${encodeURIComponent(ALICE)}`)).toMatchObject({
    text: expect.stringContaining('there is no digest to show'),
  })
}, 20_000)

test('a digest that is put off is retried or given up, a queued release is given up', async () => {
  const { desk, browser } = await filled()
  await browser.get('/admin/digests/pending')
  expect(await browser.post('/admin/digests/pending', { do: 'retry' })).toMatchObject({
    location: '/admin/digests/pending?done=retried',
  })
  expect(await browser.post('/admin/digests/pending', { do: 'drop' })).toMatchObject({
    location: '/admin/digests/pending?done=dropped',
  })
  expect((await desk.app.desk.digests.find(undefined, 'pending')).digest.state).toBe('dropped')
  expect(await browser.post('/admin/releases', { do: 'drop', item: 'item3' })).toMatchObject({
    location: '/admin/releases?done=dropped',
  })
})

test('a message that may have been delivered is released again only after a confirmation', async () => {
  const { desk, browser } = await filled()
  await browser.get('/admin/releases')
  const page = await browser.post('/admin/releases', { do: 'retry', item: 'item2' })
  expect(page).toMatchObject({ status: 200, text: expect.stringContaining('Release it once more?') })
  const releases = await desk.app.desk.releases.list(undefined, { state: 'uncertain', limit: 5 })
  expect(releases.rows.map(({ heldId }) => heldId)).toEqual(['item2'])
})

test('a message that has left the quarantine cannot be retried', async () => {
  const { desk, browser } = await filled()
  const offers = async () =>
    (await browser.get('/admin/releases?state=failed')).text.match(/value="retry"/g) ?? []
  const before = (await offers()).length
  await desk.database.state.sql
    .updateTable('digest_release')
    .set({ state: 'failed', code: 'MESSAGE_GONE' })
    .where('item_id', '=', 'item1')
    .execute()
  expect(await offers()).toHaveLength(before - 1)
})

test('the words "all", "digests" and "releases" in a path or a form are taken as ids', async () => {
  const { desk, browser } = await filled()
  await browser.get('/admin/digests/pending')
  for (const word of ['all', 'digests', 'releases']) {
    const answers = [
      await browser.post(`/admin/digests/${word}`, { do: 'drop' }),
      await browser.post('/admin/releases', { do: 'drop', item: word }),
    ]
    for (const { text } of answers) expect(text).toContain('NOTHING_WAITS')
  }
  expect((await desk.app.desk.digests.find(undefined, 'pending')).digest.state).toBe('pending')
  const queued = await desk.app.desk.releases.list(undefined, { state: 'queued', limit: 5 })
  expect(queued.rows.map(({ heldId }) => heldId)).toEqual(['item3'])
})

test('a pause asks until when, and a day that is none is asked for again', async () => {
  const { desk, browser } = await filled()
  const { text } = await browser.get(readerPage(ODD))
  expect(text).toContain('Pause until when?')
  const wrong = await browser.post('/admin/readers/pause', {
    whom: ODD,
    pause: 'until',
    pauseUntil: 'soon',
    version: '0',
  })
  expect(wrong).toMatchObject({ status: 400, text: expect.stringContaining('pauseUntil-fault') })
  const fields = { whom: ODD, pause: 'until', pauseUntil: '2026-12-24', version: '0' }
  expect((await browser.post('/admin/readers/pause', fields)).status).toBe(303)
  expect((await desk.app.desk.settings.explain(undefined, ODD)).pausedUntil.value).toBe(
    Date.UTC(2026, 11, 24),
  )
  const changes = await browser.get('/admin/changes')
  expect(changes.text).toMatch(/Paused until \u2068?Thu, Dec 24, 12:00.AM/)
  expect(changes.text).not.toMatch(/2026-12-24T|paused until: -/)
})

const DEPUTY = 'deputy@example.net'

test('changes are said in words, without the codes and times of the audit', async () => {
  const { desk, browser } = await filled()
  await browser.get('/admin/schedules/new')
  const actor = { kind: 'admin', name: 'nightly (API key 3f09)', remoteAddress: null } as const
  await recordAudits(
    desk.database.state,
    [
      {
        actor,
        action: 'settings-set',
        outcome: 'done',
        recipient: ALICE,
        detail: 'schedules: - → daily weekly; language: en → de; deliver-to: - → boss@example.net',
      },
      {
        actor,
        action: 'schedule-set',
        outcome: 'changed',
        detail: 'daily: cron 0 6 * * * → 0 7 * * *; on yes → no; carries all → spam, banned from score 5',
      },
      { actor, action: 'release', outcome: 'AMAVISD_UNREACHABLE', itemId: 'item0', recipient: ALICE },
      {
        actor: {
          kind: 'reader',
          name: ALICE,
          remoteAddress: null,
          byCopy: { digestId: 'sent', deliverTo: DEPUTY },
        },
        action: 'release',
        outcome: 'released',
        detail: '250 2.0.0 Ok',
      },
      { actor, action: 'settings-set', outcome: 'done', detail: `copy-to: - → ${DEPUTY}, b@example.net` },
      { actor, action: 'run', outcome: 'made', detail: '3 digests of 7 messages for all readers' },
      { actor, action: 'resend', outcome: 'due', digestId: 'sent', detail: 'digest sent' },
    ],
    desk.time.now,
  )
  const text = (await browser.get('/admin/changes')).text.replaceAll(/[\u2068\u2069]/g, '')
  for (const words of [
    'Schedules: daily, weekly (before: not set).',
    'Language: Deutsch (before: English).',
    'Delivered to: boss@example.net (before: not set).',
    'By the copy for deputy@example.net.',
    'Copies to: deputy@example.net, b@example.net (before: not set).',
    'On: no (before: yes).',
    'Spam, Risky attachment, Spam score from 5 (before: All).',
    '3 digests, 7 messages.',
    'Will be tried again',
    'nightly (API key 3f09)',
    'Being tried',
  ])
    expect(text).toContain(words)
  expect(text).toMatch(/When: Every day at 7:00.AM \(before: Every day at 6:00.AM\)\./)
  expect(text).not.toMatch(/→|cron 0|>AMAVISD_UNREACHABLE|>\s*digest sent/)
})

const versionOn = ({ text }: Answer): string => /name="version" value="(\d+)"/.exec(text)?.[1] ?? ''

async function filled(address?: string): Promise<{ desk: ServedDesk; browser: TestBrowser }> {
  const desk = await servedDesk()
  await fillDesk(desk.database, desk.time.now)
  return { desk, browser: await desk.signedIn(address) }
}
