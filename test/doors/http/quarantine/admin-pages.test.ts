import { afterAll, beforeAll, expect, test } from 'vitest'
import { HOUR } from '../../../../src/ground/durations.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { amavisHead, quarantine } from '../../../embedded/quarantined.ts'
import type { Answer, TestBrowser } from '../../../servers/test-browser.ts'
import { type ServedDesk, servedDesk } from '../admin/served-desk.ts'

const FORTY = Array.from({ length: 40 }, (_, index) => `reader${index + 1}@d${index % 2}.example`)

let desk: ServedDesk
let browser: TestBrowser
const cleanUps: (() => Promise<void>)[] = []

beforeAll(async () => {
  desk = await servedDesk({}, cleanUp => cleanUps.push(cleanUp))
  browser = await desk.signedIn()
})

afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})

test('a message to forty people is one row that opens to forty, and its page has them all', async () => {
  await holdForty('forty', {})
  const list = await browser.get('/admin/held?q=id:forty')
  expect(rowsIn(list)).toHaveLength(1)
  for (const [index, recipient] of FORTY.entries()) {
    expect(list.text).toContain(`<a href="/admin/held/0.forty.${index + 1}?list&#x3D;q%3Did%253Aforty"`)
    expect(list.text).toContain(`<bdi>${recipient}</bdi>`)
  }
  const page = await browser.get('/admin/held/0.forty')
  expect(page.text).toContain('40 recipients')
  for (const recipient of FORTY) expect(page.text).toContain(recipient)
  await browser.post('/admin/held/0.forty', { do: 'delete', of: '0.forty.7' })
  expect(await statesOf('forty')).toEqual(FORTY.map((_, index) => (index === 6 ? 'D' : '')))
  await browser.post('/admin/held/0.forty', { do: 'restore', of: '0.forty.7' })
  const begun = await browser.post('/admin/held/0.forty', { do: 'delete', of: 'all' })
  expect(begun.location).toMatch(/^\/admin\/held\/bulk\//)
  await work()
  expect((await browser.get(begun.location ?? '')).text).toContain('40 of 40 done')
  expect(await statesOf('forty')).toEqual(FORTY.map(() => 'D'))
})

test('the buttons of a row are about the recipients whom it shows, and no others of the message', async () => {
  await holdForty('some', {})
  const ofDomain = '/admin/held?q=id:some+to:*@d1.example'
  await browser.get(ofDomain)
  expect((await press(ofDomain, 'delete')).location).toMatch(/^\/admin\/held\/bulk\//)
  await work()
  expect(await statesOf('some')).toEqual(FORTY.map((_, index) => (index % 2 === 1 ? 'D' : '')))
  // The tick of a row stands for the same.
  const ofTwo = '/admin/held?q=id:some+to:reader1*'
  const tick = valuesIn(await browser.get(ofTwo), 'message')
  expect(tick).toEqual(['0.some.1,11,13,15,17,19'])
  await browser.post(ofTwo, [['act', 'delete'], ...tick.map(value => ['message', value] as const)])
  await work()
  expect((await statesOf('some')).filter(rs => rs === 'D')).toHaveLength(26)
  const restored = await press('/admin/held?q=id:some+is:deleted+to:*@d1.example', 'restore')
  expect(restored.location).toContain('done=restored')
  expect((await statesOf('some')).filter(rs => rs === 'D')).toHaveLength(6)
})

test('an admin confirms risky mail by looking at it, or for all that match by a tick', async () => {
  await holdForty('risky', { content: 'B' })
  const list = await browser.get('/admin/held?q=id:risky')
  expect(list.text).toContain('Check first')
  const begin = async (fields: object) => {
    await browser.get('/admin/held/bulk?act=release&q=id:risky')
    const begun = await browser.post('/admin/held/bulk', { act: 'release', q: 'id:risky', ...fields })
    await work()
    return (await browser.get(begun.location ?? '')).text
  }
  const refs = valuesIn(list, 'message')
  const ticked = await browser.post('/admin/held', [
    ['act', 'release'],
    ['message', refs[0] ?? ''],
  ])
  await work()
  expect((await browser.get(ticked.location ?? '')).text.match(/Left out/g)).toHaveLength(40)
  expect((await begin({})).match(/Left out/g)).toHaveLength(40)
  expect(await released()).toBe(0)
  // Three dots would promise another question.
  expect((await browser.get('/admin/held/0.risky.3')).text).not.toContain('Release…')
  await browser.post('/admin/held/0.risky', { do: 'release', of: '0.risky.3' })
  expect(await released()).toBe(1)
  expect(await begin({ confirm: 'yes' })).not.toContain('Left out')
  expect(await released()).toBe(40)
})

test('more than a thousand are done a thousand at a time, and the page says that there are more', async () => {
  const refs = Array.from({ length: 1001 }, (_, index) => ['message', `0.m${index}.1`] as const)
  await browser.get('/admin/held')
  const begun = await browser.post('/admin/held', [['act', 'delete'], ...refs])
  await work()
  const { text } = await browser.get(begun.location ?? '')
  expect(text).toContain('1,000 of 1,000 done')
  expect(text).toContain('at most 1,000 can be done at a time')
})

test('what fails in a list of messages says why', async () => {
  await holdForty('infected', { content: 'V' })
  await browser.get('/admin/held')
  const begun = await browser.post('/admin/held', { act: 'release', message: '0.infected.1' })
  await work()
  expect((await browser.get(begun.location ?? '')).text).toContain('too dangerous to be released')
})

const NAMES = [
  ['invoice "May".pdf', 'invoice _May_.pdf'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\me.exe', 'me.exe'],
  ['a;b=c%41.txt', 'a;b=c%41.txt'],
  ['Übersicht 😀.xlsx', 'Übersicht 😀.xlsx'],
  ['one\r\nSet-Cookie: a=b', 'one Set-Cookie_ a=b'],
  ['gpj.\u202Eexe', 'gpj.exe'],
] as const

test('attachments are files under their own names, which are no headers and no paths', async () => {
  await hold(desk.database.storage, { ...mail('files'), recipient: 'a@b.example' })
  const parts = NAMES.map(
    ([name]) =>
      `--cut\nContent-Type: text/html\nContent-Disposition: attachment; filename*=UTF-8''${encodeURIComponent(name)}\n\n<script>1</script>\n`,
  )
  const type = 'Content-Type: multipart/mixed; boundary=cut'
  await store('files', `Subject: Files\nMIME-Version: 1.0\n${type}\n\n${parts.join('')}--cut--\n`)
  for (const [index, [name, wanted]] of NAMES.entries()) {
    const { status, headers, text } = await browser.get(`/admin/held/0.files/attachment/${index}`)
    expect([name, status]).toEqual([name, 200])
    expect(headers.get('content-type')).toBe('application/octet-stream')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.getSetCookie().join()).not.toContain('a=b')
    const disposition = headers.get('content-disposition') ?? ''
    expect(disposition).toMatch(/^attachment; filename="[ -!#-~]*"; filename\*=UTF-8''[\w.!#$&+^`|~%-]+$/)
    expect(decodeURIComponent(disposition.split("''")[1] ?? '')).toBe(wanted)
    expect(text.trim()).toBe('<script>1</script>')
  }
  for (const none of [NAMES.length, '99999', '-1', 'x', '0x1'])
    expect([none, (await browser.get(`/admin/held/0.files/attachment/${none}`)).status]).toEqual([none, 404])
  const file = await browser.get('/admin/held/0.files/file')
  expect(file.headers.get('content-disposition')).toContain('filename="0.files.eml"')
  expect(file.text).toMatch(/^Subject: Files/)
})

test('a virus is opened by an admin of all domains, and the audit says so', async () => {
  await hold(desk.database.storage, { ...mail('eicar'), recipient: 'a@example.org', content: 'V' })
  await store('eicar', 'Subject: Eicar\n\nX5O!P\n')
  const ofDomain = await desk.signedIn('desk@example.org')
  expect((await ofDomain.get('/admin/held/0.eicar')).text).not.toContain('X5O!P')
  expect(await opened()).toEqual([])
  expect((await browser.get('/admin/held/0.eicar')).text).toContain('X5O!P')
  expect(await opened()).toEqual(['postmaster@example.com'])
})

test('a search that finds nothing held leads to what was released and deleted', async () => {
  await hold(desk.database.storage, {
    ...mail('away'),
    recipient: 'a@b.example',
    rs: 'R',
    subject: 'Contract',
  })
  const nothing = await browser.get('/admin/held?q=contract')
  const found = await browser.get(hrefOf(nothing, 'Look among released and deleted mail, too'))
  expect(rowsIn(found)).toHaveLength(1)
  expect((await browser.get('/admin/held?q=contract+is:deleted')).text).not.toContain('Look among')
})

test('a reader’s page leads to what is held for them, and each message that waits to its page', async () => {
  // Unquoted, a star would be a sign of the search.
  const odd = '*odd=one@example.org'
  const [key] = await hold(desk.database.storage, { ...mail('waits'), recipient: odd })
  await desk.app.collect()
  for (const admin of [browser, await desk.signedIn('desk@example.org')]) {
    const page = await admin.get(`/admin/readers/of?${new URLSearchParams({ whom: odd })}`)
    expect(page.text).toContain(`href="/admin/held/0.${key?.mailId}.1"><bdi>Subject of waits`)
    const list = hrefOf(page, 'Held mail', 'crumb"><')
    expect(rowsIn(await admin.get(list))).toHaveLength(1)
  }
  const everybody = await browser.get('/admin/readers/of?whom=%40example.org')
  expect(hrefOf(everybody, 'Held mail', 'crumb"><')).toBe('/admin/held?q=to%3A*%40example.org+is%3Aheld')
})

test('files are offered only where the quarantine has the message, and to whom may have them', async () => {
  await hold(desk.database.storage, { ...mail('nowhere'), recipient: 'a@example.org', quarType: 'F' })
  await hold(desk.database.storage, { ...mail('somewhere'), recipient: 'a@example.org' })
  await store('somewhere', 'Subject: Somewhere\n\nHere\n')
  const offered = async (admin: TestBrowser, mailId: string) => {
    const { text } = await admin.get(`/admin/held/0.${mailId}`)
    return ['headers', 'source', 'file'].filter(name => text.includes(`/0.${mailId}/${name}"`))
  }
  expect(await offered(browser, 'somewhere')).toEqual(['headers', 'source', 'file'])
  expect(await offered(browser, 'nowhere')).toEqual([])
  expect(await offered(await desk.signedIn('desk@example.org'), 'somewhere')).toEqual([])
})

const mail = (mailId: string) => ({
  mailId,
  subject: `Subject of ${mailId}`,
  receivedAt: desk.time.clock() - HOUR,
})

const holdForty = (mailId: string, more: { readonly content?: string }) =>
  hold(
    desk.database.storage,
    ...FORTY.map((recipient, index) => ({ ...mail(mailId), ...more, recipient, rseqnum: index + 1 })),
  )

const store = (mailId: string, text: string) =>
  quarantine(
    desk.database.storage,
    { partitionTag: 0, mailId, rseqnum: 1 },
    amavisHead(mailId, ['a@example.org']) + text,
  )

/** Does what `serve` does in the background. */
async function work(): Promise<void> {
  while (await desk.app.workOnBulks(new AbortController().signal));
}

async function statesOf(mailId: string): Promise<string[]> {
  const rows = await desk.database.storage.sql
    .selectFrom('msgrcpt')
    .select('rs')
    .where('mail_id', '=', mailId)
    .orderBy('rseqnum')
    .execute()
  return rows.map(({ rs }) => rs.trim())
}

/** How many messages amavisd was asked for. There is none here, so that they wait. */
const released = async () =>
  (await desk.database.state.sql.selectFrom('digest_release').selectAll().execute()).length

const opened = async () =>
  (
    await desk.database.state.sql
      .selectFrom('digest_audit')
      .select('actor')
      .where('action', '=', 'open-virus')
      .execute()
  ).map(({ actor }) => actor)

const rowsIn = ({ text }: Answer): readonly string[] => text.match(/<tr class="message/g) ?? []

/** The values of the fields of a name. */
const valuesIn = ({ text }: Answer, name: string): readonly string[] =>
  Array.from(text.matchAll(new RegExp(`name="${name}" value="([^"]+)"`, 'g')), ([, value = '']) => value)

/** Where the link with these words leads. @param before what stands before it */
function hrefOf({ text }: Answer, words: string, before = ''): string {
  const href = new RegExp(`${before}a href="([^"]+)">${words}<`).exec(text)?.[1] ?? ''
  return href.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&')
}

/** Presses the button of the only row. */
async function press(path: string, act: string): Promise<Answer> {
  const one = valuesIn(await browser.get(path), 'one').find(value => value.startsWith(act))
  return browser.post(path, { one: one ?? '' })
}
