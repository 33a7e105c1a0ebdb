import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { waitUntil } from '../servers/wait.ts'
import { expectAccessible } from './axe.ts'
import { keepPicture, launchChromium } from './chromium.ts'
import { type Demo, type DemoProcess, startDemo } from './demo-process.ts'
import { inFourLooks } from './four-looks.ts'
import { inspect } from './inspection.ts'

const BOB = 'bob@example.com'

let browser: Browser
let running: DemoProcess
let demo: Demo
let link: string
let context: BrowserContext
let page: Page
let complaints: string[]

beforeAll(async () => {
  browser = await launchChromium()
  running = startDemo()
  demo = await running.ready()
  const { html } = await demo.digestOf(BOB)
  link = /href="([^"]*\/preferences\/[^"]*)"/.exec(html)?.[1] ?? ''
})

afterAll(async () => {
  await browser?.close()
  await running?.[Symbol.asyncDispose]()
})

beforeEach(async () => {
  const headers = { accept: 'application/json' }
  await fetch(link, { method: 'POST', headers, body: new URLSearchParams({ resume: 'yes' }) })
  const standard = { settings: 'save', schedule: '', language: '', timezone: '' }
  await fetch(link, { method: 'POST', headers, body: new URLSearchParams(standard) })
})

afterEach(async () => {
  expect(complaints).toEqual([])
  await context?.close()
})

async function open(viewport: { width: number; height: number }, touch = false): Promise<void> {
  context = await browser.newContext({ viewport, hasTouch: touch, isMobile: touch })
  context.setDefaultTimeout(10_000)
  page = await context.newPage()
  complaints = []
  page.on('console', message => {
    if (!/status of 4(?:00|29)/.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', error => complaints.push(String(error)))
  await page.goto(link)
}

const asJson = async (): Promise<unknown> =>
  (await fetch(link, { headers: { accept: 'application/json' } })).json()

const PHONE = { width: 375, height: 740 }
const DESK = { width: 1280, height: 800 }

test('a reader changes the language and pauses for a week on a phone', async () => {
  await open(PHONE, true)
  await page.getByLabel('Language').selectOption({ label: 'Deutsch' })
  await page.getByRole('button', { name: 'Save' }).tap()
  await page.locator('html[lang=de]').waitFor()
  expect(await page.getByRole('status').count()).toBe(1)
  await page.locator('button[name=pause][value=week]').tap()
  await page.locator('button[name=resume]').waitFor()
  expect(await asJson()).toMatchObject({ status: 'paused', language: 'de' })
  await page.reload()
  expect(await page.getByRole('status').textContent()).toContain('machen Pause')
  await page.locator('button[name=resume]').tap()
  await page.locator('button[name=pause]').first().waitFor()
  expect(await asJson()).toMatchObject({ status: 'active', language: 'de' })
})

test('a reader chooses schedule, language and time zone, and pauses, by keyboard alone', async () => {
  await open(DESK)
  const focused = page.locator(':focus')
  const tabTo = async (name: string) => {
    for (let presses = 0; presses < 30; presses += 1) {
      await page.keyboard.press('Tab')
      if ((await focused.getAttribute('id')) === name || (await focused.textContent()) === name) return
    }
    throw new Error(`${name} cannot be reached`)
  }
  await tabTo('schedule-0')
  await page.keyboard.press('ArrowUp')
  await tabTo('language')
  await page.keyboard.type('Fran')
  await tabTo('time-zone')
  await page.keyboard.type('Tokyo')
  expect(await page.evaluate(OUTLINE)).toBe('solid')
  await tabTo('Save')
  await page.keyboard.press('Enter')
  await page.locator('html[lang=fr]').waitFor()
  expect(await asJson()).toMatchObject({ schedule: 'weekdays', language: 'fr', timeZone: 'Asia/Tokyo' })
  expect(await page.locator('#schedule-2').isChecked()).toBe(true)

  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  expect(await focused.getAttribute('value')).toBe('week')
  await page.keyboard.press('Space')
  await page.locator('button[name=resume]').waitFor()
  expect(await asJson()).toMatchObject({ status: 'paused' })
})

test('the whole box of a schedule can be tapped', async () => {
  await open(PHONE, true)
  const option = page.locator('.option', { hasText: 'Weekdays' })
  const box = await option.boundingBox()
  expect(box?.height).toBeGreaterThanOrEqual(44)
  await option.tap({ position: { x: (box?.width ?? 0) - 8, y: (box?.height ?? 0) - 8 } })
  expect(await page.getByLabel('Weekdays').isChecked()).toBe(true)
})

const CIRCLES = `[...document.querySelectorAll('input[type=radio]')].map(
  radio => getComputedStyle(radio, '::before').borderTopWidth,
)`

test('each radio button is itself as large as a fingertip, in light, dark and forced colours', async () => {
  await open({ width: 375, height: 740 })
  for (const media of [{}, { colorScheme: 'dark' }, { forcedColors: 'active' }] as const) {
    await page.emulateMedia(media)
    const boxes = await Promise.all((await page.getByRole('radio').all()).map(radio => radio.boundingBox()))
    expect(boxes.length).toBeGreaterThan(1)
    for (const box of boxes) expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44)
    await keepPicture(page, `radios-${Object.values(media)[0] ?? 'light'}`)
  }
  const circles: readonly string[] = await page.evaluate(CIRCLES)
  expect(new Set(circles).size).toBe(2)
})

test('fields and buttons are high enough for a thumb, and the page is no wider than the screen', async () => {
  await open(PHONE, true)
  const heights: readonly number[] = await page.evaluate(HEIGHTS)
  expect(heights).toHaveLength(10)
  expect(heights.filter(height => height < 44)).toEqual([])
  expect((await inspect(page)).overflow).toBeLessThanOrEqual(0)
})

test('a reader who asks for a digest too soon is told when to ask again', async () => {
  await open(PHONE)
  const ask = page.getByRole('button', { name: 'Send me a digest now' })
  await ask.click()
  await page.getByRole('status').filter({ hasText: 'Nothing waits for you right now' }).waitFor()
  await ask.click()
  await page.getByRole('status').filter({ hasText: 'You can ask again from' }).waitFor()
  expect((await demo.mails()).filter(mail => mail.to === BOB)).toHaveLength(1)
})

test('the error for a refused destination looks good', async () => {
  await open(DESK)
  await page.getByLabel('Send them to another address').fill(BOB)
  await page.getByRole('button', { name: 'Ask me by mail' }).click()
  await page.getByRole('alert').waitFor()
  await inFourLooks(page, async ({ name, rules }) => {
    await keepPicture(page, `preferences-alert-${name}`)
    await expectAccessible(page, rules)
    expect((await inspect(page)).texts.filter(text => text.contrast < text.needed)).toEqual([])
  })
})

test('the digests go elsewhere after a press of the button on the page that the mail links to', async () => {
  await open(PHONE, true)
  await page.getByLabel('Send them to another address').fill('home@example.net')
  await page.getByRole('button', { name: 'Ask me by mail' }).tap()
  await page.getByRole('status').filter({ hasText: 'Almost done' }).waitFor()
  const mail = await waitUntil('the mail that asks', async () =>
    (await demo.mails()).find(({ subject }) => subject.startsWith('Please confirm')),
  )
  expect(mail.to).toBe(BOB)
  const { html, text } = (await (await fetch(`${demo.inbox}/api/mails/${mail.id}`)).json()) as Record<
    string,
    string
  >
  const letter = await context.newPage()
  await letter.setContent(html ?? '')
  await keepPicture(letter, 'letter-375')
  await expectAccessible(letter)
  expect((await inspect(letter)).overflow).toBeLessThanOrEqual(0)
  await letter.close()

  await page.goto(/http:\S+\/destination\/\S+/.exec(text ?? '')?.[0] ?? '')
  await expectAccessible(page)
  await keepPicture(page, 'destination-375')
  await page.getByRole('button', { name: 'Yes, send them there' }).tap()
  await page.getByRole('heading', { name: 'Done: your digests go to another address' }).waitFor()
  await expectAccessible(page)
  await page.goto(link)
  await page.getByText(/^Your digests go to .?home@example\.net/).waitFor()
  await waitUntil('the mail to the new address', async () =>
    (await demo.mails()).find(({ to }) => to === 'home@example.net'),
  )
})

/** These two run in the page. */
const HEIGHTS =
  "[...document.querySelectorAll('select, input[type=email], button')].map(node => node.getBoundingClientRect().height)"
const OUTLINE = 'getComputedStyle(document.activeElement).outlineStyle'
