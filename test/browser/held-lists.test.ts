import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminSession } from './admin-session.ts'
import { expectAccessible } from './axe.ts'
import { keepPicture, launchChromium } from './chromium.ts'
import { type Demo, type DemoProcess, startDemo } from './demo-process.ts'
import { look } from './four-looks.ts'
import { expectGoodLooks, inspect } from './inspection.ts'

let browser: Browser
let running: DemoProcess
let demo: Demo
/** The admins' list, and the same without JavaScript. */
let page: Page
let plain: Page
const complaints: string[] = []

beforeAll(async () => {
  browser = await launchChromium()
  running = startDemo()
  demo = await running.ready()
  await demo.digestOf('alice@example.com')
  const storageState = await adminSession(browser, demo)
  page = await browser.newPage({ storageState })
  page.setDefaultTimeout(10_000)
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(String(error)))
  const context = await browser.newContext({ storageState, javaScriptEnabled: false })
  plain = await context.newPage()
  plain.setDefaultTimeout(10_000)
})

afterAll(async () => {
  await browser?.close()
  await running?.[Symbol.asyncDispose]()
})

test('the list, its search, its questions and its numbers look good and are accessible', async () => {
  for (const [name, path, width, colours] of [
    ['list', '/admin/held?per=50', 1280, 'light'],
    ['list-phone', '/admin/held?ticked=all', 375, 'dark'],
    ['sorted', '/admin/held?q=is:held&sort=subject', 375, 'light'],
    ['nothing', '/admin/held?q=from:nobody', 375, 'light'],
    ['fault', '/admin/held?q=type:junk', 1280, 'dark'],
    ['question', '/admin/held/bulk?act=release&q=type:spam', 375, 'light'],
    ['numbers', '/admin/held/summary', 375, 'light'],
  ] as const) {
    await page.goto(demo.links + path)
    await look(page, width, colours)
    await keepPicture(page, `held-${name}`)
    expectGoodLooks(await inspect(page))
    await expectAccessible(page)
    await look(page, 320, colours)
    expect(await page.evaluate('document.documentElement.scrollWidth'), name).toBeLessThanOrEqual(320)
  }
  expect(complaints.filter(text => !/status of 400/.test(text))).toEqual([])
})

test('on a phone the first message is on the first screen, below the search', async () => {
  await page.setViewportSize({ width: 375, height: 667 })
  await page.goto(`${demo.links}/admin/held`)
  const { y = 0, height = 0 } = (await page.locator('tr.message').first().boundingBox()) ?? {}
  expect(y).toBeGreaterThan(200)
  expect(y + height).toBeLessThanOrEqual(667)
  const current = await page.locator('nav [aria-current=page]').boundingBox()
  expect((current?.x ?? -1) + (current?.width ?? 0)).toBeLessThanOrEqual(375)
})

test('on a phone, the box to tick for a whole domain begins where the text does, and the link names the lists of all', async () => {
  await page.setViewportSize({ width: 375, height: 667 })
  await page.goto(`${demo.links}/admin/held?q=2482`)
  await page.getByRole('link', { name: 'Invoice 2482' }).click()
  const box = await page.getByRole('checkbox', { name: 'The same for everybody' }).boundingBox()
  const heading = await page.getByRole('heading', { name: 'Its sender' }).boundingBox()
  expect(box?.x).toBe(heading?.x)
  const lists = page.getByRole('link', { name: 'Allowed and blocked senders' })
  expect(await lists.getAttribute('href')).toMatch(/\/admin\/senders$/)
})

test('on a phone, what a button of a row did and its undoing are in sight', async () => {
  await page.setViewportSize({ width: 375, height: 667 })
  await page.goto(`${demo.links}/admin/held`)
  await page.locator('tr.message [data-key=d]').nth(5).click()
  const undo = page.getByRole('button', { name: 'Undo' })
  await undo.waitFor()
  expect(await page.evaluate('scrollY')).toBeGreaterThan(667)
  const { y = -1 } = (await undo.boundingBox()) ?? {}
  expect(y).toBeGreaterThanOrEqual(0)
  expect(y).toBeLessThan(200)
  await undo.click()
  await page.getByText('it is held again').waitFor()
})

test('what is not found among held mail is looked for among released and deleted mail by a click', async () => {
  await plain.goto(`${demo.links}/admin/held?q=from:nowhere-at-all`)
  await plain.getByRole('link', { name: 'Look among released and deleted mail, too' }).click()
  expect(new URL(plain.url()).searchParams.get('q')).toBe(
    'from:nowhere-at-all is:held is:requested is:released is:deleted',
  )
  await plain.getByText('Nothing was found').waitFor()
  expect(await plain.getByRole('link', { name: 'Look among released and deleted mail, too' }).count()).toBe(0)
})

test('keys move, tick, delete and search, but not while something is typed', async () => {
  await page.goto(`${demo.links}/admin/held?q=type:spam`)
  const subjects = await page.locator('a.open').allTextContents()
  const focused = () => page.evaluate('document.activeElement.textContent')
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  await page.keyboard.press('j')
  expect(await focused()).toBe(subjects[1])
  await page.keyboard.press('x')
  expect(await page.locator('#ticked').textContent()).toBe('1 selected')
  await page.keyboard.press('?')
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).press('Enter')
  await page.keyboard.press('/')
  await page.keyboard.type('jd')
  expect(await page.locator('#q').inputValue()).toBe('jd')
  await page.locator('a.open').nth(1).focus()
  await page.keyboard.press('Control+d')
  await page.keyboard.press('d')
  await page.getByText('Deleted. This can be undone').waitFor()
  expect(await page.locator('a.open').allTextContents()).not.toContain(subjects[1])
  expect(await focused()).toBe(subjects[2])
  expect(new URL(page.url()).searchParams.get('q')).toBe('type:spam')
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('it is held again').waitFor()
  expect(await page.locator('a.open').allTextContents()).toContain(subjects[1])
})

test('keys that are switched off do nothing', async () => {
  await page.goto(`${demo.links}/admin/held`)
  await page.getByText('Keyboard shortcuts').first().click()
  await page.getByRole('button', { name: 'Shortcuts are on' }).click()
  await page.keyboard.press('j')
  expect(await page.evaluate('document.activeElement.id')).toBe('keys-switch')
  await page.getByRole('button', { name: 'Shortcuts are on' }).click()
})

test('without JavaScript, what is ticked is released together, with an outcome for each', async () => {
  await plain.goto(`${demo.links}/admin/held?q=type:spam`)
  const first = plain.locator('tr.message').nth(2)
  const subject = await first.locator('a.open bdi').textContent()
  await first.getByRole('checkbox').check()
  await plain.locator('tr.message').nth(3).getByRole('checkbox').check()
  await plain.getByRole('button', { name: 'Release selected' }).click()
  await plain.getByRole('heading', { name: 'Releasing has ended' }).waitFor()
  await plain.getByText('2 of 2 done').waitFor()
  expect(await plain.locator('.outcomes .state').allTextContents()).toEqual(['Released', 'Released'])
  await plain.getByRole('link', { name: 'Back to the list' }).click()
  expect(await plain.locator('a.open bdi').allTextContents()).not.toContain(subject)
  await plain.goto(`${demo.links}/admin/held?q=is:released`)
  await plain
    .getByText(/Released by .*@/)
    .first()
    .waitFor()
})

test('the form with fields leads to a search that can be bookmarked', async () => {
  await plain.goto(`${demo.links}/admin/held`)
  await plain.getByText('Search by fields').click()
  await plain.locator('input[name=subject]').fill('driver')
  await plain.locator('select[name=subjectHow]').selectOption('contains')
  await plain.locator('select[name=type]').selectOption('banned')
  await plain.locator('.search-fields + button').click()
  expect(new URL(plain.url()).search).toBe('?q=subject%3Adriver+type%3Abanned')
  expect(await plain.locator('tr.message').count()).toBe(1)
  await plain.getByText('Risky attachment: printer-setup.exe').waitFor()
})
