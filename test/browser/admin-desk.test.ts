import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { type AdminSession, adminSession } from './admin-session.ts'
import { expectAccessible } from './axe.ts'
import { keepPicture, launchChromium } from './chromium.ts'
import { type Demo, type DemoProcess, startDemo } from './demo-process.ts'
import { inFourLooks } from './four-looks.ts'
import { expectGoodLooks, inspect } from './inspection.ts'
import { tabTo } from './keyboard.ts'

let browser: Browser
let running: DemoProcess
let demo: Demo
let session: AdminSession
/** One page for all tests of looks: a new one would start another process of the browser. */
let page: Page
let complaints: string[]

beforeAll(async () => {
  browser = await launchChromium()
  running = startDemo()
  demo = await running.ready()
  await demo.digestOf('alice@example.com')
  session = await adminSession(browser, demo)
  page = await browser.newPage({ storageState: session })
  page.setDefaultTimeout(10_000)
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(String(error)))
})

afterAll(async () => {
  await browser?.close()
  await running?.[Symbol.asyncDispose]()
})

test('an admin gives a domain a schedule in its own time zone, by keyboard alone and without JavaScript', async () => {
  const context = await browser.newContext({ storageState: session, javaScriptEnabled: false })
  onTestFinished(() => context.close())
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  const startedAt = performance.now()
  let keys = 0
  const type = async (text: string) => {
    keys += text.length
    await page.keyboard.type(text)
  }
  await page.goto(`${demo.links}/admin`)
  await page.getByRole('link', { name: 'Schedules', exact: true }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'New schedule' }).focus()
  await page.keyboard.press('Enter')
  await page.getByLabel('Name', { exact: true }).focus()
  await type('office')
  await page.getByLabel('At these times').focus()
  await type('7, 15')
  await page.getByLabel('The same for all', { exact: true }).focus()
  await page.keyboard.press('Space')
  await page.getByLabel('If the same for all: which one').fill('')
  await type('New York')
  await page.getByLabel('Give it to these domains or readers').focus()
  await type('example.org')
  await page.getByRole('button', { name: 'Save' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('Saved.').waitFor()
  await page.getByText('Used by: 1 domain').waitFor()
  expect(await page.locator('.times li').allTextContents()).toHaveLength(10)
  await page.goto(`${demo.links}/admin/readers/of?whom=bob%40example.org`)
  const row = page.getByRole('row', { name: /^Schedules/ })
  expect(await row.textContent()).toMatch(/office.*domain .*@example\.org/s)
  // At one key per second, and with 20 seconds for looking at the pages, it takes less than a minute.
  expect(keys + 20).toBeLessThan(60)
  expect(performance.now() - startedAt).toBeLessThan(60_000)
})

test('a fault in the form of a schedule links to its field, which the keyboard can reach', async () => {
  const context = await browser.newContext({ storageState: session })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto(`${demo.links}/admin/schedules/new`)
  await tabTo(page, 'At these times')
  await page.keyboard.type('25:00')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  await tabTo(page, /This is not a time of day/)
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await expectAccessible(page)
  expect(await page.getByLabel('At these times').getAttribute('aria-invalid')).toBe('true')
  expect(await page.getByLabel('At these times').inputValue()).toBe('25:00')
})

test('"Show the next times" scrolls to them', async () => {
  const viewport = { width: 375, height: 800 }
  const context = await browser.newContext({ viewport, storageState: session, javaScriptEnabled: false })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto(`${demo.links}/admin/schedules/new`)
  await page.getByLabel('At these times').fill('7:00')
  await page.getByRole('button', { name: 'Show the next times' }).click()
  const heading = page.getByRole('heading', { name: 'The next times' })
  await heading.waitFor()
  expect((await heading.boundingBox())?.y).toBeLessThan(viewport.height)
})

test('on a phone, the menu is one line, and boxes to tick have targets of 44 pixels', async () => {
  const context = await browser.newContext({ viewport: { width: 375, height: 800 }, storageState: session })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto(`${demo.links}/admin/schedules/new`)
  const menu = await page.getByRole('navigation', { name: 'Sections' }).boundingBox()
  expect(menu?.height).toBeLessThan(60)
  const boxes = await page
    .locator('input[type=checkbox], input[type=radio]')
    .evaluateAll(all => all.map(box => [box.clientWidth, box.clientHeight]))
  expect(boxes.length).toBeGreaterThan(10)
  expect(Math.min(...boxes.flat())).toBeGreaterThanOrEqual(44)
})

test('no address is broken in mid-word at 1280 pixels', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, storageState: session })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  for (const path of ['changes', 'digests', 'readers']) {
    await page.goto(`${demo.links}/admin/${path}`)
    const lines = await page
      .locator('.address bdi')
      .evaluateAll(all => all.map(address => [address.textContent, address.getClientRects().length]))
    expect(lines.length).toBeGreaterThan(0)
    for (const [address, count] of lines) if (String(address).length <= 28) expect(count, path).toBe(1)
  }
})

test('the preview of a digest opens and shows the mail', async () => {
  const context = await browser.newContext({ storageState: session })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto(`${demo.links}/admin/readers/of?whom=alice%40example.com`)
  const [opened] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('link', { name: 'Preview the next digest' }).click(),
  ])
  await opened.waitForLoadState()
  expect(await opened.locator('h1').count()).toBe(1)
})

beforeEach(() => {
  complaints = []
})

test('the schedules, a new schedule with faults, and the calendar look good', async () => {
  await checked('schedules', 'Schedules', '/admin/schedules')
  await checked('schedule', 'Schedule daily', '/admin/schedules/edit?name=daily')
  await page.goto(`${demo.links}/admin/schedules/new`)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('alert').waitFor()
  await checked('schedule-faults', 'New schedule')
  await checked('schedule-remove', /^Remove the schedule/, '/admin/schedules/remove?name=daily')
  await checked('calendar', 'Calendar', '/admin/schedules/calendar')
})

test('the readers, and the settings of a reader, a domain and everybody look good', async () => {
  await checked('readers', 'Readers', '/admin/readers')
  await checked('reader', 'alice@example.com', '/admin/readers/of?whom=alice%40example.com')
  await checked('domain', '@example.org', '/admin/readers/of?whom=%40example.org')
  await checked('everybody', 'Everybody', '/admin/readers/of?whom=%40')
})

test('the digests and one of them look good', async () => {
  await checked('digests', 'Digests', '/admin/digests')
  await page.getByRole('row').nth(1).getByRole('link').first().click()
  await checked('digest', /^Digest for/)
})

test('the releases, the clicks and the changes look good', async () => {
  await checked('releases', 'Releases', '/admin/releases')
  await checked('clicks', 'Link clicks', '/admin/clicks')
  await checked('changes', 'Changes', '/admin/changes')
})

test('the requests and the lists of a reader look good', async () => {
  await checked('requests', 'Requests', '/admin/requests')
  if ((await page.getByRole('link', { name: 'Senders', exact: true }).count()) === 0) return
  await checked('senders', 'Allowed and blocked senders', '/admin/senders?owner=alice%40example.com')
})

/** Checks a page. Console messages of the browser reveal violations of the CSP. */
async function checked(name: string, heading: string | RegExp, path?: string): Promise<void> {
  if (path !== undefined) await page.goto(demo.links + path)
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
  await inFourLooks(page, async look => {
    await keepPicture(page, `desk-${name}-${look.name}`)
    expectGoodLooks(await inspect(page))
    const tables = await page.locator('table').evaluateAll(all => all.map(table => table.scrollWidth))
    expect(Math.max(0, ...tables)).toBeLessThanOrEqual(look.width)
    await expectAccessible(page, look.rules)
  })
  expect(complaints.filter(text => !/status of 400/.test(text))).toEqual([])
}
