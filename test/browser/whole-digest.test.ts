import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { expectAccessible } from './axe.ts'
import { keepPicture, launchChromium, painted, settled } from './chromium.ts'
import { type Demo, type DemoProcess, startDemo } from './demo-process.ts'
import { expectGoodLooks, inspect } from './inspection.ts'
import { tabTo } from './keyboard.ts'

let browser: Browser
let running: DemoProcess
let demo: Demo
let digest: string

beforeAll(async () => {
  browser = await launchChromium()
  running = startDemo()
  demo = await running.ready()
  const { html } = await demo.digestOf('alice@example.com')
  digest = /href="([^"]+\/digest\/[^"]+)"/.exec(html)?.[1] ?? ''
})

afterAll(async () => {
  await browser?.close()
  await running?.[Symbol.asyncDispose]()
})

const PHONE: BrowserContextOptions = { viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true }

test('on a phone, a tap on a row ticks it, the button counts, and one tap releases what is ticked', async () => {
  const { page, complaints } = await opened(PHONE)
  const button = page.locator('.together button')
  expect(await button.textContent()).toBe('Release ticked messages')
  const rows = page.locator('.row:has(input)')
  await rows.nth(0).tap()
  expect(await button.textContent()).toBe('Release 1 message')
  await rows.nth(1).locator('h3').tap()
  await rows.nth(2).locator('input').tap()
  expect(await button.textContent()).toBe('Release 3 messages')
  await rows.nth(2).tap()
  expect(await button.textContent()).toBe('Release 2 messages')
  const subjects = await rows.locator('h3').allTextContents()
  await button.tap()
  await page.getByRole('heading', { name: '2 messages are on their way to your inbox' }).waitFor()
  await painted(page)
  await keepPicture(page, 'digest-released-375')
  expectGoodLooks(await inspect(page))
  await expectAccessible(page)
  expect(await page.locator('.state').allTextContents()).toEqual(Array(2).fill('On its way to your inbox'))
  await expect.poll(released).toEqual(expect.arrayContaining(subjects.slice(0, 2)))

  await page.getByRole('link', { name: 'Back to the list' }).tap()
  await page.getByRole('heading', { name: '42 messages held back' }).waitFor()
  expect(await page.locator('.state.good').allTextContents()).toEqual(['Released', 'Released'])
  expect(complaints).toEqual([])
})

test('a reload of the answer asks for the list, and does not send the form once more', async () => {
  const { page, complaints } = await opened(PHONE)
  const row = page.locator('.row:has(input)').nth(5)
  const subject = (await row.locator('h3').textContent()) ?? ''
  await row.tap()
  await page.locator('.together button').tap()
  await page.getByRole('heading', { name: '1 message is on its way to your inbox' }).waitFor()
  const methods: string[] = []
  page.on('request', request => methods.push(request.method()))
  await page.reload()
  await page.getByRole('heading', { name: '42 messages held back' }).waitFor()
  expect(methods).toEqual(['GET'])
  await expect.poll(released).toEqual(expect.arrayContaining([subject]))
  expect(complaints).toEqual([])
})

test('a swipe through the list ticks and releases nothing', async () => {
  const { page } = await opened(PHONE)
  const before = await released()
  const session = await page.context().newCDPSession(page)
  const touch = (type: string, y?: number) =>
    session.send('Input.dispatchTouchEvent', {
      type: type as 'touchStart',
      touchPoints: y === undefined ? [] : [{ x: 180, y }],
    })
  await touch('touchStart', 600)
  for (const y of [520, 420, 320, 220]) await touch('touchMove', y)
  await touch('touchEnd')
  await settled(page)
  expect(await page.locator('.row :checked').count()).toBe(0)
  expect(await released()).toEqual(before)
})

test('forty rows take at most seven phone screens, and a row about a hundred pixels', async () => {
  const { page } = await opened(PHONE)
  const heights = await page
    .locator('.row')
    .evaluateAll(rows => rows.map(row => row.getBoundingClientRect().height))
  expect(heights.length).toBe(42)
  expect(heights.reduce((sum, height) => sum + height, 0) / heights.length).toBeLessThanOrEqual(110)
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(44)
  const height = await page.evaluate<number>('document.documentElement.scrollHeight')
  expect(height / 812).toBeLessThanOrEqual(7)
})

test('without JavaScript, messages are found, ticked and released', async () => {
  const { page } = await opened({ javaScriptEnabled: false })
  const subject = (await page.locator('.row:has(input) h3').last().textContent()) ?? ''
  const word = subject.split(' ').toSorted((a, b) => b.length - a.length)[0] ?? ''
  await page.getByLabel('Find a message').fill(word.toLowerCase())
  await page.getByRole('button', { name: 'Find' }).click()
  await page.getByRole('link', { name: 'Show all 42' }).waitFor()
  await page.locator('.row', { hasText: subject }).first().getByRole('checkbox').check()
  await page.getByRole('button', { name: 'Release ticked messages' }).click()
  await page.getByRole('heading', { name: '1 message is on its way to your inbox' }).waitFor()
  expect(await released()).toContain(subject)
  await page.getByRole('link', { name: 'Back to the list' }).click()
  expect(await page.getByLabel('Find a message').inputValue()).toBe(word.toLowerCase())

  await page.goto(digest)
  await page.getByRole('button', { name: 'Release ticked messages' }).click()
  await page.getByText('Nothing is ticked yet').waitFor()
  expect(await page.getByRole('checkbox').count()).toBeGreaterThan(10)
})

test('by keyboard alone: a tick, the button, and back; what has the focus is never hidden', async () => {
  const { page } = await opened({ viewport: { width: 1280, height: 740 } })
  const first = page.getByRole('checkbox').first()
  await first.focus()
  for (let presses = 0; presses < 12; presses += 1) {
    await page.keyboard.press('Tab')
    const bottom = await page.evaluate<number>('document.activeElement.getBoundingClientRect().bottom')
    const bar = await page.locator('.together').evaluate(element => element.getBoundingClientRect().top)
    expect(bottom).toBeLessThanOrEqual(bar)
  }
  await first.focus()
  await page.keyboard.press('Space')
  await page.locator('.together button').focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '1 message is on its way to your inbox' }).waitFor()
  await tabTo(page, 'Back to the list')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '42 messages held back' }).waitFor()
})

test('a second press while the server works sends nothing, and going back shows what is ticked', async () => {
  const { page } = await opened({})
  let posts = 0
  await page.route(/\/digest\//, async route => {
    if (route.request().method() !== 'POST') return route.continue()
    posts += 1
    await new Promise(resolve => setTimeout(resolve, 300))
    await route.continue()
  })
  await page.getByRole('checkbox').first().check()
  const button = page.locator('.together button')
  await button.dblclick({ noWaitAfter: true })
  await page.getByRole('heading', { level: 1, name: 'on its way to your inbox' }).waitFor()
  expect(posts).toBe(1)
  await page.goBack()
  const ticked = await page.locator('.row :checked').count()
  expect(await button.textContent()).toBe(ticked === 1 ? 'Release 1 message' : 'Release ticked messages')
})

test('risky messages have no tick, but a page of their own', async () => {
  const { page } = await opened({})
  const risky = page.locator('section', { has: page.getByRole('heading', { name: /^Could be dangerous/ }) })
  expect(await risky.getByRole('checkbox').count()).toBe(0)
  expect(await risky.getByRole('link', { name: /^Check first/ }).count()).toBeGreaterThan(0)
})

async function opened(options: BrowserContextOptions): Promise<{ page: Page; complaints: string[] }> {
  const context: BrowserContext = await browser.newContext({ locale: 'en', ...options })
  context.setDefaultTimeout(10_000)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(String(error)))
  await page.goto(digest)
  return { page, complaints }
}

const released = async () =>
  (await demo.mails())
    .filter(mail => mail.released && mail.to === 'alice@example.com')
    .map(mail => mail.subject)
