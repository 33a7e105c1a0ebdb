import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { sendMessageHtml } from '../../src/doors/http/quarantine/message-policy.ts'
import { servedMessages } from '../doors/http/links/served-messages.ts'
import { htmlMail } from '../embedded/quarantine.ts'
import { DEFERRED, RELEASED } from '../embedded/scripted-transport.ts'
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

beforeAll(async () => {
  outside = createServer(socket => {
    contacts += 1
    socket.destroy()
  })
  await new Promise<void>(listening => outside.listen(0, '127.0.0.1', listening))
  const { port } = outside.address() as AddressInfo
  browser = await launchChromium({
    args: [`--host-resolver-rules=MAP ${new URL(OUTSIDE).host} 127.0.0.1:${port}`],
  })
  served = await servedMessages(...SHOWN, ...BYPASSES.map(({ html }) => ({ text: htmlMail(html) })))
  page = await browser.newPage()
  page.setDefaultTimeout(10_000)
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(String(error)))
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await served?.stopServing()
  await served?.[Symbol.asyncDispose]()
  outside?.close()
})

beforeEach(() => {
  complaints = []
})

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
  { text: LETTER, from: '"boss@example.com" <win@prizes.example>', sender: 'win@prizes.example', subject: 'Your order 4711' },
  { text: LETTER, content: 'B', subject: 'A risky one' },
  { text: LETTER, subject: 'To be deleted' },
  { text: LETTER, subject: 'To be released' },
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

test('a message is deleted and restored, and looks good in between', async () => {
  await open(2)
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByText('Deleted.').waitFor()
  await checked('message-deleted', 'To be deleted')
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('Undone: the message is held again.').waitFor()
})

test('a release that waits is shown once it is through, without a reload', async () => {
  served.transport.answer = () => DEFERRED
  await open(3)
  await page.getByRole('button', { name: 'Release' }).click()
  await page.getByText('Will be released soon').waitFor()
  await checked('message-queued', 'To be released')
  served.transport.answer = () => RELEASED
  await served.state.sql
    .updateTable('digest_release')
    .set({ state: 'released', finished_at: served.deps.clock(), reply: '250 Ok' })
    .execute()
  await page.locator('#outcome').getByText('Released', { exact: true }).waitFor({ timeout: 20_000 })
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
  await page.goto(`${OUTSIDE}/`).catch(() => {})
  expect(contacts).toBeGreaterThan(0)
  contacts = 0
  const pages = await Promise.all(Array.from({ length: 3 }, () => browser.newPage()))
  const waiting = BYPASSES.map((bypass, index) => ({ ...bypass, path: served.paths[SHOWN.length + index] }))
  const work = async (own: Page) => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      await own.goto(`${served.origin}${next.path}?as=html`, { waitUntil: 'load' })
      await expectNothingRan(own, next.name)
      await own.goto(`${served.origin}${next.path}/html`, { waitUntil: 'load' })
      await expectNothingRan(own, next.name)
    }
  }
  await Promise.all(pages.map(work))
  expect(contacts).toBe(0)
  await Promise.all(pages.map(own => own.close()))
})

test('even HTML that is not sanitised contacts no other host and runs no script under the policy', async () => {
  const app = express()
  app.get('/:index', ({ params }, response) => {
    sendMessageHtml(response, BYPASSES[Number(params.index)]?.html ?? '')
  })
  const server = app.listen(0, '127.0.0.1')
  const { port } = server.address() as AddressInfo
  contacts = 0
  for (const [index, { name }] of BYPASSES.entries()) {
    await page.goto(`http://127.0.0.1:${port}/${index}`, { waitUntil: 'load' })
    await expectNothingRan(page, name)
  }
  server.close()
  expect(contacts).toBe(0)
})

async function expectNothingRan(own: Page, name: string): Promise<void> {
  for (const frame of own.frames()) expect(await frame.evaluate('window.hit'), name).toBeUndefined()
}

async function checked(name: string, heading: string): Promise<void> {
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
  await inFourLooks(page, async ({ name: looks }) => {
    await keepPicture(page, `${name}-${looks}`)
    expectGoodLooks(await inspect(page))
    await expectAccessible(page)
  })
}
