import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SIGN_IN_LIMITS } from '../../src/composition/sign-ins-of.ts'
import type { PageView } from '../../src/doors/http/pages/page-view.ts'
import { loadPages } from '../../src/doors/http/pages/pages.ts'
import { HOUR } from '../../src/ground/durations.ts'
import { loadLocales } from '../../src/ground/i18n/locales.ts'
import { beginSession } from '../../src/ground/sign-in/sessions.ts'
import { templateFiles } from '../../src/ground/templates/template-files.ts'
import { SAMPLE_MAIL } from '../../src/work/digest/show/sample-view.ts'
import { ADMIN, type ServedDesk, servedDesk } from '../doors/http/admin/served-desk.ts'
import { fileRequest, makeSenderTables } from '../doors/http/filed.ts'
import { hold } from '../embedded/held-mail.ts'
import { signedIn } from '../embedded/viewers.ts'
import { expectAccessible } from './axe.ts'
import { keepPicture, launchChromium } from './chromium.ts'
import { inFourLooks, look } from './four-looks.ts'
import { expectGoodLooks, inspect } from './inspection.ts'
import { tabTo } from './keyboard.ts'

const ID = '1jjdk8n2c6h4q9v0t7mb3ars5'
const ALICE = 'alice@example.com'

let browser: Browser
let desk: ServedDesk
let page: Page
let origin: string
const cleanUps: (() => Promise<void>)[] = []

beforeAll(async () => {
  browser = await launchChromium()
  const settings = {
    publicUrl: 'http://127.0.0.1',
    senders: { kind: 'amavis' },
    policy: { oversized: 'request' },
    // Only offered here.
    learn: { kind: 'sa-learn', command: '/bin/true' },
  } as const
  desk = await servedDesk(settings, cleanUp => cleanUps.push(cleanUp))
  await makeSenderTables(desk)
  await fileRequest(desk, { id: ID, recipient: ALICE, receivedAt: desk.time.now - HOUR })
  const visitor = await desk.signedIn(ADMIN)
  origin = visitor.server
  page = await browser.newPage()
  const cookies = [...visitor.cookies.values()].map(({ name, value = '' }) => ({ name, value, url: origin }))
  await page.context().addCookies(cookies)
  page.setDefaultTimeout(10_000)
})

afterAll(async () => {
  await browser?.close()
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})

test('the requests, one of them, and the lists of a reader look good', async () => {
  await checked('requests', '/admin/requests')
  await checked('request', `/admin/requests/${ID}`)
  await checked('senders', `/admin/senders?owner=${ALICE}&sender=sam%40shop.example&list=allow`)
})

test('what the help desk sees of a reader looks good, and so do the buttons that teach the filter', async () => {
  await checked('help-desk-find', '/admin/as')
  await checked('help-desk-list', `/admin/as/${ALICE}`)
  await checked('help-desk-senders', `/admin/as/${ALICE}/senders`)
  await checked('help-desk-settings', `/admin/as/${ALICE}/settings`)
  const receivedAt = desk.time.now - HOUR
  await hold(desk.database.storage, { mailId: 'taught', recipient: ALICE, receivedAt, rs: 'R' })
  await checked('learn', '/admin/held/0.taught.1')
  await tabTo(page, 'Not spam: teach the filter')
})

test('from the list, a phone needs two taps to decide, and the keyboard reaches both', async () => {
  await page.setViewportSize({ width: 375, height: 667 })
  await page.goto(`${origin}/admin/requests`)
  await page.locator('tbody a').first().click()
  const approve = page.getByRole('button', { name: 'Approve' })
  const box = await approve.boundingBox()
  expect((box?.y ?? 1000) + (box?.height ?? 0)).toBeLessThanOrEqual(667)
  await tabTo(page, 'Approve')
})

test('the pages by which a reader asks, is told so, and is refused look good, from left to right and the other way', async () => {
  const templates = templateFiles()
  const pages = loadPages(templates, loadLocales(templates))
  const at = Date.UTC(2026, 2, 10)
  const asked = { state: 'waiting', askedByThisReader: false, askedAt: at, expiresAt: at + HOUR } as const
  const request = { ...asked, decidedAt: undefined, note: undefined }
  const mail = { ...SAMPLE_MAIL, kind: 'banned' } as const
  const views: readonly PageView[] = [
    { page: 'ask', mail, releasableUntil: at, expired: at, inside: '/inside' },
    { page: 'requested', mail, request, mayJoin: true },
    { page: 'refused', mail, at, note: 'Not this one.\nلا' },
  ]
  const show = async (view: PageView, language: string) => {
    const context = { languages: [language], timeZone: 'UTC', now: at, nonce: '', contact: ADMIN }
    await page.goto('about:blank')
    await page.setContent(pages.render(view, context))
  }
  for (const view of views) {
    await show(view, 'ar')
    await look(page, 375, 'light')
    await keepPicture(page, `${view.page}-ar`)
    expect((await inspect(page)).overflow).toBeLessThanOrEqual(0)
    await expectAccessible(page)
    await show(view, 'en')
    await inFourLooks(page, async ({ name, rules }) => {
      await keepPicture(page, `${view.page}-${name}`)
      expectGoodLooks(await inspect(page))
      await expectAccessible(page, rules)
    })
  }
})

test('on the page of a message, a phone shows the one button that asks, and then that an admin was asked', async () => {
  const mail = { recipient: ALICE, receivedAt: desk.time.now - HOUR, content: 'O', mailId: 'wish' }
  await hold(desk.database.storage, mail)
  const { state } = desk.database
  const sessions = { state, clock: desk.time.clock, limits: SIGN_IN_LIMITS }
  const value = await beginSession(sessions, { kind: 'reader', address: ALICE, mailTo: ALICE })
  await page.context().addCookies([{ name: 'amavis-digest-reader', value, url: origin }])
  await checked('message-ask', '/mail/0.wish.1')
  await tabTo(page, /^Ask for it/)
  await desk.app.quarantine.release(signedIn(ALICE), '0.wish.1', { confirmed: false, again: false })
  await checked('message-requested', '/mail/0.wish.1')
  expect(await page.getByText('Your administrator has been asked.').isVisible()).toBe(true)
  expect(await page.getByRole('button', { name: /^Ask for it/ }).count()).toBe(0)
  // The same browser has an admin's session, too.
  await page.goto(`${origin}/admin/as/${ALICE}/0.wish.1`)
  await checked('looked-at', '/mail')
  expect(await page.getByText('looked at your quarantine').isVisible()).toBe(true)
  await checked('looks', '/mail/looks')
})

async function checked(name: string, path: string): Promise<void> {
  await page.goto(origin + path)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await inFourLooks(page, async look => {
    await keepPicture(page, `${name}-${look.name}`)
    const seen = await inspect(page)
    // The small buttons of the readers' frame are looked at elsewhere.
    expectGoodLooks({ ...seen, texts: seen.texts.filter(({ text }) => !text.startsWith('Sign out')) })
    await expectAccessible(page, look.rules)
  })
}
