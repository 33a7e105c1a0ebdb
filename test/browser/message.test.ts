import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import express from 'express'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { loadMailPages, MAIL_SECTIONS } from '../../src/doors/http/mail/mail-pages.ts'
import { sendMessageHtml } from '../../src/doors/http/quarantine/message-policy.ts'
import { SAMPLE_MAIL_VIEWS, SAMPLE_READER } from '../../src/doors/http/samples/mail-views.ts'
import { templateFiles } from '../../src/ground/templates/template-files.ts'
import { servedMessages } from '../doors/http/links/served-messages.ts'
import { LOCALES } from '../embedded/program.ts'
import { htmlMail } from '../embedded/quarantine.ts'
import { DEFERRED, RELEASED } from '../embedded/scripted-transport.ts'
import { listsInMemory } from '../embedded/sender-lists.ts'
import { BYPASSES, OUTSIDE } from '../html-bypasses/bypasses.ts'
import { expectAccessible } from './axe.ts'
import { keepPicture, launchChromium } from './chromium.ts'
import { inFourLooks, look } from './four-looks.ts'
import { expectGoodLooks, inspect } from './inspection.ts'

let browser: Browser
let page: Page
let served: Awaited<ReturnType<typeof servedMessages>>
let outside: Server
/** How often somebody has connected to the outside host, with or without TLS. */
let contacts = 0
let complaints: string[] = []
/** Where a script of a mail has run. */
let hits: string[] = []
const cleanUps: (() => Promise<void>)[] = []

beforeAll(async () => {
  outside = createServer(socket => {
    contacts += 1
    socket.destroy()
  })
  await new Promise<void>(listening => outside.listen(0, '127.0.0.1', listening))
  const { port } = outside.address() as AddressInfo
  browser = await launchChromium({
    args: [`--host-resolver-rules=MAP ${new URL(OUTSIDE).host} 127.0.0.1:${port}`, ...ONE_PROCESS],
  })
  served = await servedMessages(
    [...SHOWN, ...LOUD.map(html => ({ text: htmlMail(html) }))],
    cleanUp => cleanUps.push(cleanUp),
    listsInMemory(),
  )
  page = await browser.newPage()
  page.setDefaultTimeout(10_000)
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(String(error)))
}, 60_000)

/** A process for each sandboxed document would take most of the time. The policies do not depend on it. */
const ONE_PROCESS = ['--disable-features=IsolateSandboxedIframes']

afterAll(async () => {
  await browser?.close()
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
  outside?.close()
})

beforeEach(() => {
  complaints = []
})

/** What a script of a mail writes to the console. In a sandbox, nobody can ask for its variables. */
const HIT = 7357
const LOUD = BYPASSES.map(({ html }) => html.replaceAll('indow.hit=', `indow.hit=console.log(${HIT})||`))

const LETTER = `From: "boss@example.com" <win@prizes.example>
Reply-To: collect@elsewhere.example
To: alice@example.com
Subject: Your order 4711
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: multipart/alternative; boundary=y

--y
Content-Type: text/plain; charset=utf-8

Hello Alice,

your order is on its way. Look at it here: https://shop.prizes.example/very/long/address/that/does/not/break/anywhere/4711

\u0645\u0631\u062d\u0628\u0627

--y
Content-Type: text/html; charset=utf-8

<h1 style="color:#c00">Your order</h1><p>It is <b>on its way</b>.</p>
--y--
--x
Content-Type: application/pdf; name="a very long name of an invoice that hardly fits on a phone.pdf"
Content-Disposition: attachment; filename="a very long name of an invoice that hardly fits on a phone.pdf"
Content-Transfer-Encoding: base64

UEsDBBQAAAAIAAAAIQAAAAAAAAAAAAAAAAAAAAAAAAAA
--x--
`

const SHOWN = [
  {
    text: LETTER,
    from: '"boss@example.com" <win@prizes.example>',
    sender: 'win@prizes.example',
    subject: 'Your order 4711',
  },
  { text: LETTER, content: 'B', subject: 'A risky one' },
  { text: LETTER, subject: 'To be deleted' },
  { text: LETTER, subject: 'To be released' },
  { text: LETTER, subject: 'From a friend' },
]

const open = (index: number, rest = '') => page.goto(`${served.origin}${served.paths[index]}${rest}`)

test('the page of a message looks good, with its warnings, its text and its attachments', async () => {
  await open(0)
  await checked('message', 'Your order 4711')
  await page.getByText('an answer would go to', { exact: false }).waitFor()
  await open(1)
  await page.getByRole('button', { name: 'Release…' }).click()
  await checked('message-confirm', 'A risky one')
})

test('the HTML is shown on demand, in a frame that is scrolled by keyboard, without JavaScript', async () => {
  await open(0)
  await page.getByRole('link', { name: 'Show as sent' }).click()
  const frame = page.frameLocator('iframe')
  await frame.getByRole('heading', { name: 'Your order' }).waitFor()
  expect(page.url()).toMatch(/\?as=html#as-sent$/)
  await checked('message-html', 'Your order 4711')
})

test('from a digest, a sender is always allowed in two taps, and that is taken back beside the message', async () => {
  await page.goto(served.origin + served.releasePaths[4])
  await checked('release-and-allow', 'Release this message?')
  const button = page.getByRole('button', { name: 'Release and always allow this sender' })
  await button.focus()
  await page.keyboard.press('Enter')
  await page.getByText('from now on, mail from there is let through', { exact: false }).waitFor()
  await checked('released-and-allowed', 'On its way to your inbox')
  await open(4)
  await page.getByRole('button', { name: 'Take it back', exact: true }).click()
  await page.getByText('Taken back', { exact: false }).waitFor()
  await page.getByRole('button', { name: 'Block this sender' }).click()
  await page.getByText('from now on, mail from there is held', { exact: false }).waitFor()
  await checked('sender-blocked', 'From a friend')
})

test('the page of a reader’s lists looks good: an entry before it is saved, one that was removed, one that was refused', async () => {
  const pages = loadMailPages(templateFiles(), LOCALES)
  for (const [index, view] of SAMPLE_MAIL_VIEWS.filter(
    ({ page: name }) => name === 'reader/senders',
  ).entries()) {
    const html = pages.render(view, {
      languages: ['en'],
      timeZone: 'UTC',
      now: Date.UTC(2026, 2, 11, 6),
      nonce: 'sample',
      base: '',
      contact: undefined,
      phrase: undefined,
      reader: SAMPLE_READER,
      maySignOut: true,
      sections: MAIL_SECTIONS,
      formToken: 'sample',
    })
    // The policy of the page before would hold for this one, too.
    await page.goto('about:blank')
    await page.setContent(html)
    await inFourLooks(page, async ({ name, rules }) => {
      await keepPicture(page, `senders-${index}-${name}`)
      const seen = await inspect(page)
      expect(seen.overflow).toBeLessThanOrEqual(0)
      expect(seen.texts.filter(({ contrast }) => contrast < 7)).toEqual([])
      expect(seen.targets.filter(({ height }) => height < 44)).toEqual([])
      if (index < 2) await expectAccessible(page, rules)
    })
    await look(page, 320, 'light')
    expect((await inspect(page)).overflow).toBeLessThanOrEqual(0)
  }
})

test('a message is deleted and restored, and looks good in between', async () => {
  await open(2)
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByText('Deleted.').waitFor()
  await checkedOnPhone('message-deleted')
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('Undone: the message is held again.').waitFor()
})

test('a release that waits is shown once it is through, without a reload', async () => {
  served.transport.answer = () => DEFERRED
  await open(3, '?list=q%3Dorder')
  await page.getByRole('button', { name: 'Release alice' }).click()
  await page.getByText('Will be released soon').waitFor()
  await checkedOnPhone('message-queued')
  served.transport.answer = () => RELEASED
  await served.state.sql
    .updateTable('digest_release')
    .set({ state: 'released', finished_at: served.deps.clock(), reply: '250 Ok' })
    .execute()
  const asked = page.waitForRequest(
    request => request.resourceType() === 'fetch' && !request.url().includes('/state'),
  )
  await page.locator('#outcome').getByText('Released', { exact: true }).waitFor({ timeout: 20_000 })
  expect(new URL((await asked).url()).searchParams.get('list')).toBe('q=order')
  expect(complaints).toEqual([])
})

test('at 320 pixels and from right to left, the page is no wider than the screen', async () => {
  const context = await browser.newContext({ locale: 'ar' })
  const arabic = await context.newPage()
  await look(arabic, 320, 'light')
  await arabic.goto(`${served.origin}${served.paths[0]}`)
  expect(await arabic.locator('html').getAttribute('dir')).toBe('rtl')
  expect((await inspect(arabic)).overflow).toBeLessThanOrEqual(0)
  await look(arabic, 375, 'light')
  await keepPicture(arabic, 'message-ar')
  await context.close()
})

test('no HTML contacts another host or runs, whether it is framed or opened directly', async () => {
  const paths = BYPASSES.map((_, index) => `${served.origin}${served.paths[SHOWN.length + index]}`)
  const urls = await differentDocuments(paths.map(path => `${path}/html`))
  await watched(async own => {
    await own.goto(`${paths[0]}?as=html`)
    // Into the page that frames one message, the same frame for each of the others.
    await frameAll(own, '#as-sent iframe', urls)
  })
  expect({ contacts, hits }).toEqual({ contacts: 0, hits: [] })
  await watched(async own => {
    for (const url of urls) await own.goto(url, { waitUntil: 'load' })
  })
  expect({ contacts, hits }).toEqual({ contacts: 0, hits: [] })
})

/**
 * One URL of each document. The sanitiser leaves the same of most of these mails, under the same headers: for a browser
 * they are one document.
 */
async function differentDocuments(urls: readonly string[]): Promise<readonly string[]> {
  const documents = new Map<string, string>()
  for (const url of urls) {
    const response = await fetch(url)
    expect(response.status).toBe(200)
    const headers = [...response.headers].filter(([name]) => !/^(date|ratelimit.*)$/.test(name))
    documents.set(JSON.stringify([headers, await response.text()]), url)
  }
  return [...documents.values()]
}

test('under the policy, even HTML that is not sanitised contacts no other host and runs no script', async () => {
  const app = express()
  app.get('/', (_request, response) => void response.type('html').send('<!doctype html><iframe></iframe>'))
  app.get('/open', (_request, response) => void response.type('html').send(LOUD[0]))
  app.get('/:index', ({ params }, response) => {
    sendMessageHtml(response, LOUD[Number(params.index)] ?? '')
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await watched(async own => {
    await own.goto(origin)
    await frameAll(
      own,
      'iframe',
      BYPASSES.map((_, index) => `${origin}/${index}`),
    )
  })
  expect({ contacts, hits }).toEqual({ contacts: 0, hits: [] })
  // Without the policy, a script runs and contacts the host: this test would notice.
  await watched(async own => {
    await own.goto(`${origin}/open`)
    await expect.poll(() => contacts).toBeGreaterThan(0)
  })
  expect(hits).toHaveLength(1)
  server.close()
})

/** Opens a page, and notes whether a script of a mail runs in any of its frames. */
async function watched(work: (own: Page) => Promise<void>): Promise<void> {
  contacts = 0
  hits = []
  const own = await browser.newPage()
  own.on('console', message => {
    if (message.text() === String(HIT)) hits.push(own.url())
  })
  await work(own)
  await own.close()
}

/** Shows each URL in a copy of a frame, and waits until all are loaded. */
const frameAll = (own: Page, frame: string, urls: readonly string[]): Promise<unknown> =>
  own.evaluate(`Promise.all(${JSON.stringify(urls)}.map(url => new Promise(loaded => {
    const copy = document.querySelector(${JSON.stringify(frame)}).cloneNode()
    copy.onload = loaded
    copy.src = url
    document.body.append(copy)
  })))`)

async function checkedOnPhone(name: string): Promise<void> {
  await look(page, 375, 'light')
  await keepPicture(page, name)
  expectGoodLooks(await inspect(page))
  await expectAccessible(page)
}

async function checked(name: string, heading: string): Promise<void> {
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
  await inFourLooks(page, async ({ name: looks, rules }) => {
    await keepPicture(page, `${name}-${looks}`)
    expectGoodLooks(await inspect(page))
    await expectAccessible(page, rules)
  })
}
