import { readdirSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type ServedDesk, servedDesk } from '../doors/http/admin/served-desk.ts'
import { itemRow } from '../embedded/rows.ts'
import { type Dovecot, startDovecot } from '../servers/dovecot.ts'
import { type OidcProvider, startOidcProvider } from '../servers/oidc-provider.ts'
import { freePort } from '../servers/ports.ts'
import { waitUntil } from '../servers/wait.ts'
import { expectAccessible } from './axe.ts'
import { keepPicture, launchChromium } from './chromium.ts'
import { inFourLooks, look } from './four-looks.ts'
import { expectGoodLooks, inspect } from './inspection.ts'

const ALICE = 'alice@example.com'

let browser: Browser
let page: Page
let dovecot: Dovecot
let provider: OidcProvider
let desk: ServedDesk
let origin: string
let complaints: string[]
const cleanUps: (() => Promise<void>)[] = []

beforeAll(async () => {
  browser = await launchChromium()
  const port = await freePort()
  origin = `http://127.0.0.1:${port}`
  dovecot = await startDovecot({ users: { [ALICE]: '{PLAIN}secret' } })
  provider = await startOidcProvider({
    redirectUri: `${origin}/sign-in/oidc/done`,
    accounts: { alice: { email: ALICE, email_verified: true } },
  })
  const { issuer, clientId, clientSecret } = provider
  desk = await servedDesk(
    {
      publicUrl: origin,
      http: { port, perAddress: 10_000 },
      signIn: {
        imap: { url: `imaps://localhost:${dovecot.tlsPort}`, caFile: dovecot.certificates.authority },
        oidc: { issuer, clientId, clientSecret, label: 'Example Ltd' },
      },
    },
    cleanUp => cleanUps.push(cleanUp),
  )
  await desk.database.state.sql
    .insertInto('digest_item')
    .values(itemRow('item', ALICE, desk.time.clock()))
    .execute()
})

afterAll(async () => {
  await browser?.close()
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
  await provider?.[Symbol.asyncDispose]()
  await dovecot?.[Symbol.asyncDispose]()
})

beforeEach(async () => {
  await page?.context().close()
  page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(10_000)
  complaints = []
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(String(error)))
})

test('the page to sign in on looks good, also after a wrong password, and leads to the quarantine', async () => {
  await page.goto(`${origin}/`)
  await looksGood('sign-in')
  await page.getByLabel('E-mail address').fill(ALICE)
  await page.getByLabel('Password').fill('wrong')
  // Enter presses the first button of the form.
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  await looksGood('sign-in-refused')
  expect(await page.getByLabel('E-mail address').inputValue()).toBe(ALICE)
  for (const label of ['E-mail address', 'Password'])
    expect((await page.getByLabel(label).boundingBox())?.height).toBeGreaterThanOrEqual(44)
  await page.getByLabel('Password').fill('secret')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(`${origin}/mail`)
  expect(complaints.filter(text => !text.includes('403'))).toEqual([])
})

test('the pages around a link by mail look good', async () => {
  await page.goto(`${origin}/`)
  await page.getByLabel('E-mail address').fill(ALICE)
  await page.getByRole('button', { name: 'Send me a link' }).click()
  await page.getByRole('heading', { name: 'Check your mailbox' }).waitFor()
  await looksGood('sign-in-sent')
  const link = await waitUntil('the link', () => /http\S+\/sign-in\/[\w-]{43}/.exec(textOfMail())?.[0])
  await page.goto(link)
  await looksGood('sign-in-link')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(`${origin}/mail`)
  await page.goto(link)
  await looksGood('sign-in-used')
})

test('who comes back from a provider is led on to the page that was asked for', async () => {
  await page.goto(`${origin}/mail/settings`)
  await page.getByRole('link', { name: 'Sign in with Example Ltd' }).click()
  await page.locator('input[name=login]').fill('alice')
  await page.locator('input[name=password]').fill('any')
  await page.locator('button[type=submit]').click()
  await page.locator('button[type=submit]').click()
  await page.waitForURL(`${origin}/mail/settings`)
  expect(await page.content()).toContain(ALICE)
})

test('in every language, the page to sign in on is no wider than a small phone', async () => {
  await look(page, 320, 'dark')
  for (const locale of readdirSync(LOCALES).map(name => name.replace('.json', ''))) {
    await page.setExtraHTTPHeaders({ 'accept-language': locale })
    for (const path of ['/', '/sign-in/sent', '/sign-in/none']) {
      await page.goto(origin + path)
      const { language, overflow } = await inspect(page)
      expect({ path, language, overflow }).toEqual({ path, language: locale, overflow: 0 })
    }
  }
})

const LOCALES = new URL('../../templates/locales', import.meta.url)

const textOfMail = (): string => desk.mails().find(({ to }) => to === ALICE)?.text ?? ''

async function looksGood(name: string): Promise<void> {
  await inFourLooks(page, async ({ name: lookName }) => {
    await keepPicture(page, `${name}-${lookName}`)
    expectGoodLooks(await inspect(page))
  })
  await expectAccessible(page)
}
