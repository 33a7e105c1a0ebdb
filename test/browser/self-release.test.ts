import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { loadPages } from '../../src/doors/http/pages/pages.ts'
import type { HeldMail } from '../../src/ground/amavis/held-mail.ts'
import { loadLocales } from '../../src/ground/i18n/locales.ts'
import { templateFiles } from '../../src/ground/templates/template-files.ts'
import { launchChromium, settled } from './chromium.ts'

const NONCE = 'c2VsZi1yZWxlYXNl'
/** As strict as the policy of the real server. */
const POLICY = [
  "default-src 'none'",
  'img-src data:',
  `style-src 'nonce-${NONCE}'`,
  `script-src 'nonce-${NONCE}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

const mail: HeldMail = {
  partitionTag: 0,
  mailId: 'j_hWRAnY0bvs',
  rseqnum: 1,
  recipient: 'alice@example.com',
  content: 'S',
  kind: 'spam',
  because: { detail: 'unknown' },
  state: 'held',
  score: 7.24,
  sender: 'hello@garden.example',
  from: '"Garden Shop" <hello@garden.example>',
  subject: 'Your order 4711',
  size: 48_213,
  receivedAt: Date.UTC(2026, 2, 10, 6, 30),
  host: 'mx.example.com',
}

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})

afterAll(async () => browser?.close())

test('loading the page releases nothing, and does not violate the CSP', async () => {
  const { page, posts, complaints } = await opened()
  await settled(page)
  expect(posts).toEqual([])
  expect(complaints).toEqual([])
  expect(await page.getByText('It is released as soon as').isVisible()).toBe(true)
})

test('moving the mouse releases exactly once', async () => {
  const { page, posts } = await opened()
  await page.mouse.move(40, 40)
  await page.mouse.move(80, 90, { steps: 5 })
  await page.getByText('On its way to your inbox').waitFor()
  await page.mouse.move(160, 160, { steps: 5 })
  await settled(page)
  expect(posts).toEqual([''])
})

test('a key releases, and the click it causes does not send a second request', async () => {
  const { page, posts } = await opened()
  await page.keyboard.press('Enter')
  await page.getByText('On its way to your inbox').waitFor()
  expect(posts).toEqual([''])
})

test('a tap releases', async () => {
  const { page, posts } = await opened(PHONE)
  await page.touchscreen.tap(60, 60)
  await page.getByText('On its way to your inbox').waitFor()
  expect(posts).toEqual([''])
})

test('a tap on the button is a press of the button', async () => {
  const { page, posts } = await opened(PHONE)
  await page.getByRole('button', { name: 'Release', exact: true }).tap()
  await page.getByText('On its way to your inbox').waitFor()
  expect(posts).toEqual(['button=yes'])
})

test('a swipe scrolls and releases nothing; a tap after it does', async () => {
  const { page, posts } = await opened(PHONE)
  const finger = await fingerOn(page)
  await finger.swipe({ x: 180, y: 340 }, { x: 180, y: 60 })
  await expect.poll(() => page.evaluate('scrollY')).toBeGreaterThan(50)
  await finger.swipe({ x: 180, y: 60 }, { x: 180, y: 340 })
  await settled(page)
  expect(posts).toEqual([])
  expect(await page.getByText('It is released as soon as').isVisible()).toBe(true)
  await page.touchscreen.tap(20, 200)
  await page.getByText('On its way to your inbox').waitFor()
  expect(posts).toEqual([''])
})

test('a swipe by which the browser goes back releases nothing', async () => {
  const { page, posts, url } = await opened(PHONE)
  await page.goto(`${url}/release/ANOTHER`)
  const finger = await fingerOn(page)
  await finger.swipe({ x: 40, y: 200 }, { x: 330, y: 210 })
  await page.waitForURL(`${url}/release/TOKEN`)
  await settled(page)
  expect(posts).toEqual([])
})

test('two fingers that zoom release nothing', async () => {
  const { page, posts } = await opened(PHONE)
  const finger = await fingerOn(page)
  await finger.pinch({ x: 180, y: 200 })
  await settled(page)
  expect(posts).toEqual([])
})

test('a tap on a link follows the link and releases nothing', async () => {
  const { page, posts } = await opened(PHONE)
  await page.evaluate(`{
    const link = document.querySelector('footer a')
    link.href = '/elsewhere'
    link.scrollIntoView()
  }`)
  await page.getByRole('link', { name: 'postmaster@example.com' }).tap()
  await page.getByRole('heading', { name: 'Elsewhere' }).waitFor()
  expect(posts).toEqual([])
})

test('a tap on what is about the sender, or beside its buttons, releases nothing', async () => {
  const { page, posts } = await opened(PHONE)
  await page.evaluate(`document.querySelector('h1').insertAdjacentHTML('afterend',
    '<section class="sender-part"><p>Beside</p><input type="checkbox" id="wide"></section><label for="wide">Everybody</label>')`)
  await page.getByText('Beside').tap()
  await page.getByText('Everybody').tap()
  await expect.poll(() => page.getByRole('checkbox').isChecked()).toBe(true)
  await settled(page)
  expect(posts).toEqual([])
})

test('where the page has buttons about the sender, moving the mouse to them releases nothing', async () => {
  const { page, posts } = await opened()
  await page.evaluate(`document.querySelector('h1').insertAdjacentHTML('afterend',
    '<section class="sender-part"><button type="button">Block</button></section>')`)
  await page.getByRole('button', { name: 'Block' }).click()
  await settled(page)
  expect(posts).toEqual([])
  await page.mouse.click(5, 600)
  await page.getByText('On its way to your inbox').waitFor()
  expect(posts).toEqual([''])
})

test('modifiers, shortcuts, Escape and function keys do not release, nor do keys that move about the page', async () => {
  const { page, posts } = await opened({ viewport: { width: 800, height: 300 } })
  for (const key of [...KEYS_OF_THE_BROWSER, 'ArrowDown', 'PageDown', 'End', 'Home', 'Space', 'Tab']) {
    await page.keyboard.press(key)
  }
  await settled(page)
  expect(posts).toEqual([])
  await page.evaluate('document.activeElement.blur()')
  await page.keyboard.press('y')
  await page.getByText('On its way to your inbox').waitFor()
  expect(posts).toEqual([''])
})

test('the wheel scrolls under a mouse at rest, and releases nothing', async () => {
  const { page, posts } = await opened({ viewport: { width: 800, height: 300 } })
  await page.mouse.wheel(0, 200)
  await expect.poll(() => page.evaluate('scrollY')).toBeGreaterThan(50)
  await settled(page)
  expect(posts).toEqual([])
})

test('Enter on the button is a press of the button', async () => {
  const { page, posts } = await opened()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByText('On its way to your inbox').waitFor()
  expect(posts).toEqual(['button=yes'])
})

test('without a connection the page says so, and the button works once it is back', async () => {
  const { page, posts } = await opened(PHONE)
  await page.context().setOffline(true)
  await page.getByRole('button', { name: 'Release', exact: true }).tap()
  await page.getByText('No connection. Try again: it is delivered once at most.').waitFor()
  expect(posts).toEqual([])
  await page.context().setOffline(false)
  await page.getByText('No connection').waitFor({ state: 'hidden' })
  await page.touchscreen.tap(20, 200)
  await settled(page)
  expect(posts).toEqual([])
  await page.getByRole('button', { name: 'Release', exact: true }).tap()
  await page.getByText('On its way to your inbox').waitFor()
  expect(posts).toEqual(['button=yes'])
})

test('a return to the answer asks for its page, and does not send the form again', async () => {
  const { page, posts, url } = await opened()
  await page.getByRole('button', { name: 'Release', exact: true }).click()
  await page.getByText('On its way to your inbox').waitFor()
  await page.goto(`${url}/elsewhere`)
  await page.goBack()
  await page.getByRole('button', { name: 'Release', exact: true }).waitFor()
  expect(posts).toEqual([''])
})

test('events made by a script do not release', async () => {
  const { page, posts } = await opened()
  await page.evaluate(`
    for (const target of [window, document.body]) {
      target.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, movementX: 9 }))
      target.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))
      target.dispatchEvent(new Event('touchstart', { bubbles: true }))
      target.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, key: 'Enter' }))
    }
  `)
  await settled(page)
  expect(posts).toEqual([])
})

test('a prerendered page waits until it is shown', async () => {
  const { page, posts } = await opened({}, { prerendered: true })
  await page.mouse.move(80, 90, { steps: 5 })
  await settled(page)
  expect(posts).toEqual([])
  await page.evaluate('window.seen = true; document.dispatchEvent(new Event("prerenderingchange"))')
  await page.mouse.move(160, 160, { steps: 5 })
  await page.getByText('On its way to your inbox').waitFor()
  expect(posts).toEqual([''])
})

test('while the server is busy, the button says so and a second click sends nothing', async () => {
  const { page, posts, complaints, answer } = await opened({}, { holdAnswers: true })
  await page.evaluate(`{
    const [button, status] = ['button', '[role=status]'].map(selector => document.querySelector(selector))
    const logState = () => console.log(button.textContent, button.ariaDisabled, status.textContent)
    new MutationObserver(logState).observe(document.body, { subtree: true, childList: true, attributes: true })
  }`)
  const { x, y } = (await page.getByRole('button').boundingBox()) ?? { x: Number.NaN, y: Number.NaN }
  await page.mouse.click(x + 20, y + 20)
  await page.mouse.click(x + 20, y + 20)
  // Playwright cannot inspect a page that is being left, so the page logs its state.
  await expect.poll(() => complaints).toContain('Releasing… true Releasing…')
  answer()
  await page.getByText('On its way to your inbox').waitFor()
  expect(posts).toEqual([''])
})

test('without scripts only the button releases', async () => {
  const { page, posts } = await opened({ javaScriptEnabled: false })
  await page.mouse.move(40, 40)
  await page.mouse.move(80, 90, { steps: 5 })
  expect(await page.getByText('It is released as soon as').isVisible()).toBe(false)
  expect(posts).toEqual([])
  await page.getByRole('button', { name: 'Release', exact: true }).click()
  await page.getByText('On its way to your inbox').waitFor()
  expect(posts).toEqual(['button=yes'])
})

test('after a reload only the button releases', async () => {
  const { page, posts } = await opened()
  await page.reload()
  await page.mouse.move(80, 90, { steps: 5 })
  await settled(page)
  expect(posts).toEqual([])
  await page.getByRole('button', { name: 'Release', exact: true }).click()
  await page.getByText('On its way to your inbox').waitFor()
  expect(posts).toEqual(['button=yes'])
})

test('coming back to the page releases nothing', async () => {
  const { page, posts, url } = await opened()
  await page.goto(`${url}/elsewhere`)
  await page.goBack()
  await page.mouse.move(80, 90, { steps: 5 })
  await page.keyboard.press('Enter')
  await settled(page)
  expect(posts).toEqual([])
})

test('coming back to a page in the back/forward cache releases nothing either', async () => {
  const { page, posts, url } = await opened({}, { inBrowser: await browserThatKeepsPages() })
  await page.evaluate('addEventListener("pageshow", event => { window.kept = event.persisted })')
  await page.goto(`${url}/elsewhere`)
  await page.evaluate('history.back()')
  await page.waitForFunction('window.kept === true')
  await page.mouse.move(80, 90, { steps: 5 })
  await page.keyboard.press('Enter')
  await settled(page)
  expect(posts).toEqual([])
})

test('going back from the answer shows the button again, and releases nothing by itself', async () => {
  const { page, posts } = await opened()
  await page.getByRole('button', { name: 'Release', exact: true }).click()
  await page.getByText('On its way to your inbox').waitFor()
  await page.goBack()
  await page.getByRole('button', { name: 'Release', exact: true }).waitFor()
  await page.mouse.move(80, 90, { steps: 5 })
  await settled(page)
  expect(posts).toEqual([''])
})

const PHONE = { viewport: { width: 375, height: 400 }, hasTouch: true, isMobile: true }

const KEYS_OF_THE_BROWSER = [
  'Shift',
  'Control',
  'Alt',
  'Meta',
  'CapsLock',
  'Escape',
  'F2',
  'Control+c',
  'Alt+x',
]

interface Point {
  readonly x: number
  readonly y: number
}

/** Real touches, which the browser itself turns into scrolling and zooming. */
async function fingerOn(page: Page) {
  const session = await page.context().newCDPSession(page)
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: Point[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints })
  return {
    async swipe(from: Point, to: Point): Promise<void> {
      await touch('touchStart', [from])
      for (let step = 1; step <= 10; step += 1) {
        const at = (a: number, b: number) => a + ((b - a) * step) / 10
        await touch('touchMove', [{ x: at(from.x, to.x), y: at(from.y, to.y) }])
      }
      await touch('touchEnd', [])
    },
    async pinch({ x, y }: Point): Promise<void> {
      const fingers = (apart: number) => [
        { x: x - apart, y, id: 1 },
        { x: x + apart, y, id: 2 },
      ]
      await touch('touchStart', fingers(20))
      for (let apart = 30; apart <= 120; apart += 10) await touch('touchMove', fingers(apart))
      await touch('touchEnd', [])
    },
  }
}

interface Opened {
  readonly page: Page
  readonly url: string
  /** The bodies of all POST requests so far. */
  readonly posts: readonly string[]
  /** What the browser wrote to its console, such as breaches of the CSP. */
  readonly complaints: readonly string[]
  /** Sends the answers that were held back. */
  answer(): void
}

interface Serving {
  readonly holdAnswers?: boolean
  /** Makes the page believe that it is prerendering. Real speculation rules cannot be triggered from outside. */
  readonly prerendered?: boolean
  readonly inBrowser?: Browser
}

/** Opens a page that releases by itself, in a fresh browser profile, from a server of its own. */
async function opened(options: BrowserContextOptions = {}, serving: Serving = {}): Promise<Opened> {
  const { url, posts, answer } = await served(serving)
  const context = await (serving.inBrowser ?? browser).newContext({
    viewport: { width: 800, height: 700 },
    ...options,
  })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  if (serving.prerendered) {
    await page.addInitScript(
      'Object.defineProperty(document, "prerendering", { get: () => window.seen !== true })',
    )
  }
  const complaints: string[] = []
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(String(error)))
  await page.goto(`${url}/release/TOKEN`)
  return { page, url, posts, complaints, answer }
}

/** A browser with the back/forward cache, which is usually on but which Playwright turns off. */
async function browserThatKeepsPages(): Promise<Browser> {
  const withCache = await launchChromium({ ignoreDefaultArgs: ['--disable-back-forward-cache'] })
  onTestFinished(() => withCache.close())
  return withCache
}

async function served({ holdAnswers = false }: Serving) {
  const posts: string[] = []
  const { promise: released, resolve: answer } = Promise.withResolvers<void>()
  if (!holdAnswers) answer()
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === 'POST') {
      posts.push(await text(request))
      await released
    }
    respond(request, response)
  }
  const server = createServer((request, response) => void serve(request, response)).listen(0, '127.0.0.1')
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise(closed => server.close(closed))
  })
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, posts, answer }
}

function respond(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': POLICY,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  })
  response.end(request.url?.endsWith('/elsewhere') ? '<h1>Elsewhere</h1>' : pageFor(request))
}

const files = templateFiles()
const pages = loadPages(files, loadLocales(files))

const pageFor = ({ method }: IncomingMessage): string =>
  pages.render(
    method === 'POST'
      ? { page: 'released', mail, recipient: mail.recipient, already: false, isAnswer: true }
      : { page: 'release', mail, releasesItself: true, releasableUntil: Date.UTC(2026, 2, 22) },
    {
      languages: ['en'],
      timeZone: 'Europe/Paris',
      now: Date.UTC(2026, 2, 10),
      nonce: NONCE,
      contact: 'postmaster@example.com',
    },
  )
