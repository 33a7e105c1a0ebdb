import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { loadLocales } from '../../src/ground/i18n/locales.ts'
import { loadDigestTemplate } from '../../src/ground/templates/digest-template.ts'
import { templateFiles } from '../../src/ground/templates/template-files.ts'
import { DEFAULT_LIMITS, renderDigest } from '../../src/work/digest/show/render.ts'
import { entryOf, viewOf } from '../work/digest/show/sample-digest.ts'
import { expectAccessible } from './axe.ts'
import { keepPicture, launchChromium } from './chromium.ts'
import { type Demo, type DemoProcess, type DigestMail, startDemo } from './demo-process.ts'
import { inFourLooks, look } from './four-looks.ts'
import { expectGoodLooks, inspect } from './inspection.ts'

let browser: Browser
let running: DemoProcess
let demo: Demo
let digest: DigestMail
let links: Links
/** One page for all tests of looks: a new one would start another process of the browser. */
let page: Page
let requests: string[]
let complaints: string[]

beforeAll(async () => {
  browser = await launchChromium()
  page = await browser.newPage()
  page.setDefaultTimeout(10_000)
  page.on('request', request => requests.push(request.url()))
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(String(error)))
  running = startDemo()
  demo = await running.ready()
  digest = await demo.digestOf('alice@example.com')
  links = linksOf(digest.html)
})

afterAll(async () => {
  await browser?.close()
  await running?.[Symbol.asyncDispose]()
})

beforeEach(() => {
  requests = []
  complaints = []
})

test('the digest in the mail is legible, fits, and loads nothing', async () => {
  await showMail(digest.html)
  await inFourLooks(page, async ({ name }) => {
    await keepPicture(page, `mail-${name}`)
    const seen = await inspect(page)
    expectGoodLooks(seen)
    const buttons = seen.targets.filter(target => /^(?:Release|Check first)$/.test(target.name))
    expect(buttons).toHaveLength(links.releases.length + links.reviews.length)
  })
  expect(requests).toEqual([])
  expect(complaints).toEqual([])
})

test('the page of a message looks good', () =>
  checked('release', 'Release this message?', () => page.goto(links.releases[0] ?? '')))

test('the page that asks for a confirmation looks good', () =>
  checked('confirm', 'Check this message first', () => page.goto(links.reviews[0] ?? '')))

test('the pages after a release and after a second click look good', async () => {
  const release = links.releases[1] ?? ''
  await checked('released', 'On its way to your inbox', async () => {
    await page.goto(release)
    await page.getByRole('button', { name: 'Release', exact: true }).click()
  })
  await checked('already-released', 'Already released', () => page.goto(release))
})

test('the page of the whole digest looks good', () =>
  checked('digest', '42 messages held back', () => page.goto(links.digest)))

test('the preferences look good while on, paused and on again', async () => {
  await checked('preferences', 'Your digests are on', () => page.goto(links.preferences))
  await checked('paused', 'Your digests are paused', () =>
    page.getByRole('button', { name: 'Pause for a week' }).click(),
  )
  await checked('resumed', 'Your digests are on', () =>
    page.getByRole('button', { name: 'Send me digests again' }).click(),
  )
})

test('the page for a broken link looks good', () =>
  checked('error', 'This link is incomplete', () => page.goto(`${demo.links}/release/broken`)))

/** Opens a page of the server and checks it. Console messages of the browser reveal violations of the CSP. */
async function checked(name: string, heading: string, go: () => Promise<unknown>): Promise<void> {
  await go()
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
  await inFourLooks(page, async look => {
    await keepPicture(page, `${name}-${look.name}`)
    const seen = await inspect(page)
    expectGoodLooks(seen)
    // WCAG 2.2, 1.4.6: the AAA level
    expect(seen.texts.filter(({ contrast }) => contrast < 7)).toEqual([])
    await expectAccessible(page, look.rules)
  })
  expect(requests.filter(url => !url.startsWith(`${demo.links}/`) && !url.startsWith('data:'))).toEqual([])
  expect(complaints.filter(text => !ANSWERED_WITH_AN_ERROR.test(text))).toEqual([])
}

test('at 320 pixels neither the mail nor a page is wider than the screen', async () => {
  await look(page, 320, 'light')
  await showMail(digest.html)
  expect((await inspect(page)).overflow).toBeLessThanOrEqual(0)
  for (const url of [links.releases[0], links.reviews[0], links.digest, links.preferences]) {
    await page.goto(url ?? '')
    expect((await inspect(page)).overflow, url).toBeLessThanOrEqual(0)
  }
})

test('on a phone, the address that a message was sent to hardly makes its row higher', async () => {
  await look(page, 375, 'light')
  const averageTo = async (recipients: readonly string[]) => {
    await showMail(rowsTo(recipients))
    expectGoodLooks(await inspect(page))
    const heights = await page.locator('td.b').evaluateAll(cells => cells.map(cell => cell.clientHeight))
    expect(heights).toHaveLength(recipients.length)
    return heights.reduce((sum, height) => sum + height, 0) / heights.length
  }
  const own = await averageTo(ALIASES.map(() => 'anna@example.com'))
  expect((await averageTo(ALIASES)) - own).toBeLessThan(12)
})

test('only our own links can be clicked in a digest', () => {
  expect(hrefsOf(digest.html).filter(href => !href.startsWith(`${demo.links}/`))).toEqual([
    'mailto:postmaster@example.com',
  ])
  expect(digest.html).not.toMatch(/<(?:img|form|input|iframe|object|embed|script|link|area)\b|\bsrc=|url\(/i)
})

test('the styles and conditional comments of a digest are well-formed and within the limits of mail programs', () => {
  const styles = [...digest.html.matchAll(/<style[^>]*>(.*?)<\/style>/gs)].map(([, style]) => style ?? '')
  // Gmail drops a style element of more than 8,192 characters.
  expect(styles.join('').length).toBeLessThan(8_192)
  for (const style of styles) {
    expect(style.match(/\{/g)?.length).toBe(style.match(/\}/g)?.length)
    expect(style).not.toMatch(/@(?:import|font-face|charset)/)
  }
  const opened = digest.html.match(/<!--\[if\b/g)?.length
  expect(opened).toBeGreaterThan(0)
  expect(digest.html.match(/<!\[endif\]-->/g)?.length).toBe(opened)
})

/** Shows a mail on its own, without the address and the content security policy of the page before. */
async function showMail(html: string): Promise<void> {
  await page.goto('about:blank')
  requests = []
  complaints = []
  await page.setContent(html)
}

const ALIASES = [
  'sales@example.com',
  'info@example.com',
  'anna.smith@alias.example',
  'anna+list@example.com',
  'invented4711@catch.example',
]

/** A digest for anna@example.com with a message to each of these addresses. */
function rowsTo(recipients: readonly string[]): string {
  const entries = recipients.map((recipient, index) => entryOf({ ...MESSAGES[index], recipient }))
  return renderDigest(digestTemplate, words, viewOf(entries), DEFAULT_LIMITS).html
}

const files = templateFiles()
const digestTemplate = await loadDigestTemplate(files)
const words = loadLocales(files).wordsFor('en')

const MESSAGES = [
  {},
  { from: 'Accounts <accounts@supplier.example>', subject: 'Invoice for March' },
  { from: 'Jonathan Livingston <jonathan@partner.example>', subject: 'Minutes of the meeting' },
  { from: 'eve@elsewhere.example', subject: 'Re: the offer' },
  {
    from: 'Prize Department <win@prizes.example>',
    subject: 'You have won a prize, claim it before it is too late',
  },
]

const ANSWERED_WITH_AN_ERROR = /^Failed to load resource: the server responded with a status of 40[03]/

interface Links {
  readonly releases: readonly string[]
  readonly reviews: readonly string[]
  readonly digest: string
  readonly preferences: string
}

function linksOf(html: string): Links {
  const named = (name: string) =>
    [...html.matchAll(new RegExp(`href="([^"]+)" aria-label="${name}:`, 'g'))].map(([, href]) => href ?? '')
  const at = (path: string) => hrefsOf(html).find(href => href.startsWith(`${demo.links}/${path}/`)) ?? ''
  return {
    releases: named('Release'),
    reviews: named('Check first'),
    digest: at('digest'),
    preferences: at('preferences'),
  }
}

const hrefsOf = (html: string): string[] =>
  [...html.matchAll(/\bhref="([^"]*)"/g)].map(([, href]) => href ?? '')
