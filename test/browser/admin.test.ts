import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { ADMIN, type AdminSession, adminSession, askForLink, signInLinkAfter } from './admin-session.ts'
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

test('an admin signs in through the inbox, looks around and signs out, by keyboard alone', async () => {
  const page = await blankPage()
  await signInLinkAfter(demo, async () => {
    await page.goto(`${demo.links}/admin`)
    await tabTo(page, 'E-mail address')
    await page.keyboard.type(ADMIN)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Check your mailbox' }).waitFor()
  })

  await page.goto(demo.inbox)
  await tabTo(page, /Your sign-in link/)
  await page.keyboard.press('Enter')
  await page.frameLocator('iframe[title=Message]').getByRole('link', { name: 'Sign in' }).waitFor()
  await tabTo(page, 'Sign in')
  const [desk] = await Promise.all([page.context().waitForEvent('page'), page.keyboard.press('Enter')])
  await desk.getByRole('heading', { name: 'One last step' }).waitFor()
  await tabTo(desk, 'Sign in')
  await desk.keyboard.press('Enter')
  await desk.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()

  await tabTo(desk, 'Skip to the content')
  await desk.keyboard.press('Enter')
  await tabTo(desk, 'As a table')
  const days = desk.getByRole('columnheader', { name: 'Day' })
  expect(await days.count()).toBe(0)
  await desk.keyboard.press('Enter')
  await days.first().waitFor()
  await desk.reload()
  await tabTo(desk, 'Sign out')
  await desk.keyboard.press('Enter')
  await desk.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect((await desk.context().cookies()).map(({ name }) => name)).not.toContain('amavis-digest')
})

test('an admin signs in without JavaScript', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto(await askForLink(page, demo))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
})

test('the session cookie is sent only from our own pages, but a link from elsewhere can be continued', async () => {
  const context = await browser.newContext({ storageState: session })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.route('http://elsewhere.example/', route =>
    route.fulfill({ contentType: 'text/html', body: `<a href="${demo.links}/admin">there</a>` }),
  )
  await page.goto('http://elsewhere.example/')
  await page.getByRole('link', { name: 'there' }).click()
  await page.getByRole('link', { name: 'Continue to the page' }).click()
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
})

test('the printed overview has its figures but no buttons', async () => {
  const context = await browser.newContext({ storageState: session })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto(`${demo.links}/admin`)
  await page.emulateMedia({ media: 'print' })
  expect(await page.getByRole('button').count()).toBe(0)
  expect(await page.getByRole('navigation').count()).toBe(0)
  expect(await page.getByText('held back', { exact: true }).isVisible()).toBe(true)
})

beforeEach(() => {
  complaints = []
})

test('the overview, and the figures behind its chart look good', async () => {
  await checked('overview', 'Overview', '/admin')
  await page.getByText('As a table').first().click()
  await checked('figures', 'Overview')
})

test('the page for an unknown address looks good', () =>
  checked('unknown', 'This page does not exist', '/admin/nothing'))

test('the pages of the sign-in look good', async () => {
  await page.context().clearCookies()
  await checked('sign-in', 'Sign in', '/admin/sign-in')
  await checked('sign-in-sent', 'Check your mailbox', '/admin/sign-in/sent')
  await checked('sign-in-failed', 'This sign-in link doesn’t work', '/admin/sign-in/used')
})

/** Checks a page. Console messages of the browser reveal violations of the CSP. */
async function checked(name: string, heading: string, path?: string): Promise<void> {
  if (path !== undefined) await page.goto(demo.links + path)
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
  await inFourLooks(page, async look => {
    await keepPicture(page, `admin-${name}-${look.name}`)
    expectGoodLooks(await inspect(page))
    await expectAccessible(page, look.rules)
  })
  expect(complaints.filter(text => !/status of 40[34]/.test(text))).toEqual([])
}

async function blankPage(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  context.setDefaultTimeout(10_000)
  onTestFinished(() => context.close())
  return context.newPage()
}
