import { expect, test } from 'vitest'
import { fillDesk } from '../../../../desks/admin/fill.ts'
import type { Answer, TestBrowser } from '../../../../servers/test-browser.ts'
import { DOMAIN_ADMIN, type ServedDesk, servedDesk } from '../served-desk.ts'

const EDIT = '/admin/schedules/edit?name=weekdays'

test('one form moves a domain to weekdays at 7 and 15 o’clock, without cron', async () => {
  const { desk, browser } = await admin()
  const page = await browser.get('/admin/schedules/new')
  expect(page).toMatchObject({ status: 200, text: expect.stringContaining('At these times') })
  expect(await browser.post('/admin/schedules/new', WEEKDAYS)).toMatchObject({
    status: 303,
    location: '/admin/schedules/edit?name=weekdays&done=saved',
  })
  expect(await scheduleOf(desk)).toMatchObject({
    crons: ['0 7,15 * * 1-5'],
    timeZone: 'America/New_York',
    enabled: true,
  })
  const settings = await desk.app.desk.settings.explain(undefined, 'bob@example.org')
  expect(settings.schedules).toEqual({ value: ['weekdays'], from: 'domain', scope: '@example.org' })
  const saved = await browser.get(`${EDIT}&done=saved`)
  expect(saved.text).toContain('Saved.')
  expect(saved.text).toContain('1 domain')
  expect(saved.text).toContain('Wed, Mar 11, 7:00')
  const list = await browser.get('/admin/schedules')
  expect(list.text).toContain('Monday to Friday at 7:00 AM and 3:00 PM')
})

test('the next times are shown before anything is saved', async () => {
  const { desk, browser } = await admin()
  await browser.get('/admin/schedules/new')
  const unnamed = WEEKDAYS.filter(([field]) => field !== 'name')
  const shown = await browser.post('/admin/schedules/new', [...unnamed, ['preview', 'yes']])
  expect(shown.status).toBe(200)
  expect(shown.text.match(/<li>[A-Z][a-z]{2}, Mar \d+/g)).toHaveLength(10)
  expect(await scheduleOf(desk)).toBeUndefined()
})

test('times in other years are shown with the year', async () => {
  const { browser } = await admin()
  await browser.get('/admin/schedules/new')
  const leapDays = { crons: '0 6 29 2 *', kind: 'spam', zoneMode: 'reader', version: '0', preview: 'yes' }
  const { text } = await browser.post('/admin/schedules/new', leapDays)
  expect(text).toContain('Tue, Feb 29, 2028')
  expect(text).toContain('Sun, Feb 29, 2032')
})

test('all faults are shown at once, at their fields, and the form keeps what was typed', async () => {
  const { desk, browser } = await admin()
  await browser.get('/admin/schedules/new')
  const answer = await browser.post('/admin/schedules/new', {
    name: '<b>',
    day: '1',
    times: '25:00',
    zoneMode: 'one',
    zone: 'Mars/Base"',
    kind: 'spam',
    version: '0',
    minScore: '9',
    maxScore: '5',
    minMessages: 'x',
    spread: '500',
    whom: 'alice@@, example.org',
  })
  expect(answer.status).toBe(400)
  for (const field of ['name', 'times', 'zone', 'minScore', 'minMessages', 'spread', 'whom']) {
    expect(answer.text, field).toContain(`href="#${field}"`)
    expect(answer.text, field).toContain(`${field}-fault"`)
  }
  expect(answer.text).toContain('value="25:00"')
  expect(answer.text).toContain('value="Mars/Base&quot;"')
  expect(answer.text).not.toContain('<b>')
  const zone = await browser.post('/admin/schedules/new', {
    name: 'noon',
    day: '1',
    times: '12:00',
    zoneMode: 'one',
    zone: 'IST',
    kind: 'spam',
    version: '0',
  })
  expect(zone.text).toContain('IST has several meanings. Write Asia/Kolkata if you mean that.')
  expect(await desk.app.desk.schedules.list(undefined)).toHaveLength(1)
})

test('nothing is saved if the schedule is for an address that cannot have settings', async () => {
  const { desk, browser } = await admin()
  await browser.get('/admin/schedules/new')
  for (const whom of ['x@a..b', 'example.org, x@1.2.3.4']) {
    const answer = await browser.post('/admin/schedules/new', withFields({ whom }))
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('href="#whom"') })
  }
  expect(await scheduleOf(desk)).toBeUndefined()
})

test('a missing or contradictory field is a fault', async () => {
  const { browser } = await admin()
  await browser.get('/admin/schedules/new')
  const faults: readonly (readonly [Record<string, string>, string])[] = [
    [{ times: '7:00' }, 'Choose at least one day'],
    [{ day: '1' }, 'Enter at least one time'],
    [{ day: '1', times: '7:00', crons: '0 6 * * *' }, 'Use either days and times'],
    [{ crons: '0 6 * * *', zoneMode: 'reader', zone: 'Tokyo' }, 'Either each reader’s own time zone'],
    [{ crons: '0 6 30 2 *' }, 'some day'],
    [{ crons: '0 6 * * *', kind: '' }, 'at least one kind'],
  ]
  for (const [fields, words] of faults) {
    const answer = await browser.post('/admin/schedules/new', {
      name: 'new',
      version: '0',
      kind: 'spam',
      ...fields,
    })
    expect(answer.status, words).toBe(400)
    expect(answer.text).toContain(words)
  }
})

test('cron expressions that days and times cannot express are shown in their own field', async () => {
  const { browser } = await admin()
  await browser.get('/admin/schedules/new')
  const fields = {
    name: 'weekdays',
    version: '0',
    crons: '*/30 8-17 * * 1-5\n0 6 1 * *',
    kind: 'spam',
    enabled: 'on',
  }
  expect(await browser.post('/admin/schedules/new', fields)).toMatchObject({ status: 303 })
  const page = await browser.get(EDIT)
  expect(page.text).toContain('>*/30 8-17 * * 1-5\n0 6 1 * *</textarea>')
  expect(page.text).toContain('<details open>')
})

test('the second of two admins sees the conflict and the saved schedule, and overwrites nothing', async () => {
  const { desk, browser } = await admin()
  const other = await desk.signedIn()
  await browser.get('/admin/schedules/new')
  await browser.post('/admin/schedules/new', WEEKDAYS)
  await other.get(EDIT)
  const seen = versionOn(await browser.get(EDIT))
  const change = (times: string, version: string) => [
    ...WEEKDAYS.filter(([name]) => name !== 'times' && name !== 'version'),
    ['times', times] as const,
    ['version', version] as const,
  ]
  expect(await browser.post(EDIT, change('8:00', seen))).toMatchObject({ status: 303 })
  const conflict = await other.post(EDIT, change('9:00', seen))
  expect(conflict.status).toBe(409)
  expect(conflict.text).toContain('Somebody else has changed this in the meantime')
  expect(conflict.text).toContain('Monday to Friday at 8:00 AM')
  expect(conflict.text).toContain('value="9:00"')
  expect(await scheduleOf(desk)).toMatchObject({ crons: ['0 8 * * 1-5'] })
  expect(await other.post(EDIT, change('9:00', versionOn(conflict)))).toMatchObject({ status: 303 })
  expect(await scheduleOf(desk)).toMatchObject({ crons: ['0 9 * * 1-5'] })
})

test('a new schedule cannot have a name that is taken', async () => {
  const { desk, browser } = await admin()
  await browser.get('/admin/schedules/new')
  await browser.post('/admin/schedules/new', WEEKDAYS)
  const before = await scheduleOf(desk)
  const again = await browser.post('/admin/schedules/new', withFields({ times: '8:00' }))
  expect(again.status).toBe(409)
  expect(again.text).toContain('There is already a schedule with this name')
  expect(await scheduleOf(desk)).toEqual(before)
})

test('a form that a double click sends twice is saved, not refused', async () => {
  const { desk, browser } = await admin()
  await browser.get('/admin/schedules/new')
  const answers = await Promise.all([1, 2].map(() => browser.post('/admin/schedules/new', WEEKDAYS)))
  const saved = { status: 303, location: '/admin/schedules/edit?name=weekdays&done=saved' }
  expect(answers).toMatchObject([saved, saved])
  expect(await ownSchedules(desk, '@example.org')).toEqual(['weekdays'])
  const crontabFields = withFields({ name: 'b', times: '', crons: '0\t7  * * 1-5', whom: '' })
  for (const _ of [1, 2]) {
    expect(await browser.post('/admin/schedules/new', crontabFields)).toMatchObject({ status: 303 })
  }
})

test('a name that somebody else took is refused, even for the same times', async () => {
  const { desk, browser } = await admin()
  const other = {
    actor: { kind: 'admin', name: 'other@example.com', remoteAddress: null },
    reach: undefined,
  } as const
  await desk.app.desk.schedules.set(other, 'weekdays', { crons: ['0 7 * * *'], timeZone: 'UTC' })
  await browser.get('/admin/schedules/new')
  const times = { times: '', crons: '0 7 * * *', zone: 'UTC', whom: 'example.org' }
  const again = await browser.post('/admin/schedules/new', withFields(times))
  expect(again).toMatchObject({
    status: 409,
    text: expect.stringContaining('There is already a schedule with this name'),
  })
  expect(await ownSchedules(desk, '@example.org')).toBeUndefined()
})

test('scopes with other schedules are listed before these are replaced, and again after each change', async () => {
  const { desk, browser } = await admin()
  const other = await desk.signedIn()
  await browser.get('/admin/schedules/new')
  await other.get('/admin/schedules/new')
  expect(await other.post('/admin/schedules/new', withFields({ name: 'b' }))).toMatchObject({ status: 303 })
  const warned = await browser.post('/admin/schedules/new', withFields({ name: 'a' }))
  expect(warned).toMatchObject({
    status: 409,
    text: expect.stringContaining('They have other schedules now'),
  })
  expect(warned.text).toContain('>example.org</textarea>')
  expect(await ownSchedules(desk, '@example.org')).toEqual(['b'])
  expect((await desk.app.desk.schedules.list(undefined)).map(({ name }) => name)).not.toContain('a')
  await other.post(readerPage('@example.org'), {
    version: versionOn(await other.get(readerPage('@example.org'))),
    schedule: 'daily',
  })
  const warnedAgain = await browser.post('/admin/schedules/new', withFields({ name: 'a', ...seenOn(warned) }))
  expect(warnedAgain.status).toBe(409)
  const saved = await browser.post('/admin/schedules/new', withFields({ name: 'a', ...seenOn(warnedAgain) }))
  expect(saved.status).toBe(303)
  expect(await ownSchedules(desk, '@example.org')).toEqual(['a'])
})

test('a domain that is added while the others are being confirmed is confirmed with them', async () => {
  const { desk, browser } = await admin()
  await browser.get('/admin/schedules/new')
  const three = 'example.com, example.org, example.net'
  await browser.post('/admin/schedules/new', withFields({ name: 'b', whom: three }))
  const giveTo = (whom: string, before?: Answer) =>
    browser.post('/admin/schedules/new', [
      ...withFields({ name: 'a', whom }),
      ...(before ? allSeenOn(before) : []),
    ])
  const two = await giveTo('example.com, example.org')
  expect([two.status, allSeenOn(two).length]).toEqual([409, 2])
  const all = await giveTo(three, two)
  expect([all.status, allSeenOn(all).length]).toEqual([409, 3])
  expect(await giveTo(three, all)).toMatchObject({ status: 303 })
  for (const scope of ['@example.com', '@example.org', '@example.net'])
    expect(await ownSchedules(desk, scope)).toEqual(['a'])
})

test('the scopes of a schedule are linked, and an unknown domain is pointed out', async () => {
  const { desk, browser } = await admin()
  await fillDesk(desk.database, desk.time.now)
  await browser.get('/admin/schedules/new')
  await browser.post('/admin/schedules/new', withFields({ whom: 'example.com, exmaple.com' }))
  const { text } = await browser.get(EDIT)
  expect(text).toContain('/admin/readers/of?whom&#x3D;%40example.com')
  expect(text).toMatch(/No reader of \u2068?@exmaple.com/)
  expect(text).not.toMatch(/No reader of \u2068?@example.com/)
})

test('the page of a domain links to a new schedule for it', async () => {
  const { browser } = await admin()
  const { text } = await browser.get(readerPage('@example.org'))
  const path = /\/admin\/schedules\/new\?[^"]+/.exec(text)?.[0].replaceAll('&#x3D;', '=') ?? ''
  expect((await browser.get(path)).text).toContain('>@example.org</textarea>')
})

test('the page that removes a schedule shows first who uses it', async () => {
  const { desk, browser } = await admin()
  await browser.get('/admin/schedules/new')
  await browser.post('/admin/schedules/new', WEEKDAYS)
  const page = await browser.get('/admin/schedules/remove?name=weekdays')
  expect(page.text).toContain('1 domain')
  expect(page.text).toContain('gets the default one')
  expect(await scheduleOf(desk)).toBeDefined()
  expect(
    await browser.post('/admin/schedules/remove', { name: 'weekdays', version: versionOn(page) }),
  ).toMatchObject({
    status: 303,
    location: '/admin/schedules?done=removed',
  })
  expect(await scheduleOf(desk)).toBeUndefined()
  const standard = await browser.get('/admin/schedules/remove?name=daily')
  expect(standard.text).toContain('Make another one the default first')
  expect(
    await browser.post('/admin/schedules/remove', {
      name: 'daily',
      version: versionOf(await scheduleOf(desk, 'daily')),
    }),
  ).toMatchObject({
    status: 400,
    text: expect.stringContaining('Make another one the default first'),
  })
})

test('mail that a removal would leave unlisted is mentioned before it, and with the settings afterwards', async () => {
  const { desk, browser } = await admin()
  const root = { actor: { kind: 'admin', name: 'root', remoteAddress: null }, reach: undefined } as const
  const { schedules, settings: settingsDesk } = desk.app.desk
  await schedules.set(root, 'obvious', { crons: ['0 6 * * *'], filter: { minScore: 10 } })
  await schedules.set(root, 'border', { crons: ['0 * * * *'], filter: { maxScore: 10 } })
  await settingsDesk.set(root, 'bob@example.org', { schedules: ['border', 'obvious'] })
  const settings = '/admin/readers/of?whom=bob%40example.org'
  expect((await browser.get(settings)).text).not.toContain('leaves out')
  const page = await browser.get('/admin/schedules/remove?name=obvious')
  expect(page.text).toContain('are left with border, which leaves out part of the mail')
  await browser.post('/admin/schedules/remove', { name: 'obvious', version: versionOn(page) })
  expect((await browser.get(settings)).text).toContain('The schedules that hold (border) leave out part')
})

test('an admin of some domains sees schedules but cannot change them', async () => {
  const desk = await servedDesk()
  const browser = await desk.signedIn(DOMAIN_ADMIN)
  const list = await browser.get('/admin/schedules')
  expect(list).toMatchObject({ status: 200, text: expect.stringContaining('You can view schedules here') })
  expect(list.text).not.toContain('/admin/schedules/new')
  for (const path of [
    '/admin/schedules/new',
    '/admin/schedules/edit?name=daily',
    '/admin/schedules/remove?name=daily',
  ]) {
    expect((await browser.get(path)).status, path).toBe(403)
  }
  await browser.get('/admin/schedules')
  expect((await browser.post('/admin/schedules/new', WEEKDAYS)).status).toBe(403)
  expect((await browser.post('/admin/schedules/remove', { name: 'daily', version: '1' })).status).toBe(403)
  expect(await desk.app.desk.schedules.list(undefined)).toMatchObject([{ name: 'daily', version: 1 }])
})

test('nothing can be changed without a session, or by a form from another site', async () => {
  const { desk, browser } = await admin()
  const stranger = desk.browser()
  expect(await stranger.get('/admin/schedules')).toMatchObject({ status: 303 })
  expect((await stranger.post('/admin/schedules/new', WEEKDAYS)).status).toBe(401)
  await browser.get('/admin/schedules/new')
  const crossSite = { 'sec-fetch-site': 'cross-site' }
  expect((await browser.post('/admin/schedules/new', WEEKDAYS, crossSite)).status).toBe(403)
  expect(await scheduleOf(desk)).toBeUndefined()
})

test('an unknown schedule is answered with 404', async () => {
  const { browser } = await admin()
  expect((await browser.get('/admin/schedules/edit?name=none')).status).toBe(404)
  expect((await browser.get('/admin/schedules/remove?name=%22%3E')).status).toBe(404)
})

const WEEKDAYS: readonly (readonly [string, string])[] = [
  ['name', 'Weekdays'],
  ...['1', '2', '3', '4', '5'].map(day => ['day', day] as const),
  ['times', '7:00, 15:00'],
  ['zoneMode', 'one'],
  ['zone', 'new york'],
  ...['spam', 'virus', 'banned', 'unchecked', 'badHeader', 'oversized', 'other'].map(
    kind => ['kind', kind] as const,
  ),
  ['minMessages', '1'],
  ['spread', '0'],
  ['whom', 'example.org'],
  ['enabled', 'on'],
  ['version', '0'],
]

/** The same form with other contents in some fields. */
const withFields = (fields: Readonly<Record<string, string>>): (readonly [string, string])[] => [
  ...WEEKDAYS.filter(([name]) => !(name in fields)),
  ...Object.entries(fields),
]

async function admin(): Promise<{ desk: ServedDesk; browser: TestBrowser }> {
  const desk = await servedDesk()
  return { desk, browser: await desk.signedIn() }
}

const versionOn = ({ text }: Answer): string => /name="version" value="(\d+)"/.exec(text)?.[1] ?? ''

/** The mark of the first scope that the page listed. */
const seenOn = (page: Answer): { seen: string } => ({ seen: allSeenOn(page)[0]?.[1] ?? '' })

/** The marks of all scopes that the page listed, as fields of the form. */
const allSeenOn = ({ text }: Answer): (readonly [string, string])[] =>
  [...text.matchAll(/name="seen" value="([^"]+)"/g)].map(([, value = '']) => ['seen', value])

const readerPage = (whom: string): string => `/admin/readers/of?${new URLSearchParams({ whom })}`

const ownSchedules = async ({ app }: ServedDesk, scope: string) =>
  (await app.desk.settings.find(undefined, scope))?.schedules

const versionOf = (schedule: { readonly version: number } | undefined): string => String(schedule?.version)

const scheduleOf = async ({ app }: ServedDesk, wanted = 'weekdays') =>
  (await app.desk.schedules.list(undefined)).find(({ name }) => name === wanted)
