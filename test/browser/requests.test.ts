import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HOUR } from '../../src/ground/durations.ts'
import { ADMIN, type ServedDesk, servedDesk } from '../doors/http/admin/served-desk.ts'
import { fileRequest, makeSenderTables } from '../doors/http/filed.ts'
import { expectAccessible } from './axe.ts'
import { keepPicture, launchChromium } from './chromium.ts'
import { inFourLooks } from './four-looks.ts'
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
  const settings = { publicUrl: 'http://127.0.0.1', senders: { kind: 'amavis' } } as const
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

test('from the list, a phone needs two taps to decide, and the keyboard reaches both', async () => {
  await page.setViewportSize({ width: 375, height: 667 })
  await page.goto(`${origin}/admin/requests`)
  await page.locator('tbody a').first().click()
  const approve = page.getByRole('button', { name: 'Approve' })
  const box = await approve.boundingBox()
  expect((box?.y ?? 1000) + (box?.height ?? 0)).toBeLessThanOrEqual(667)
  await tabTo(page, 'Approve')
})

async function checked(name: string, path: string): Promise<void> {
  await page.goto(origin + path)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await inFourLooks(page, async look => {
    await keepPicture(page, `${name}-${look.name}`)
    expectGoodLooks(await inspect(page))
    await expectAccessible(page)
  })
}
