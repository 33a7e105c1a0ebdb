import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { waitUntil } from '../servers/wait.ts'
import { launchChromium, settled } from './chromium.ts'
import { type Demo, type DemoProcess, startDemo } from './demo-process.ts'

const ALICE = 'alice@example.com'
const PHONE: BrowserContextOptions = { viewport: { width: 375, height: 740 }, deviceScaleFactor: 2 }

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})

afterAll(async () => browser?.close())

describe('the demo, used as its output says,', () => {
  let running: DemoProcess
  let demo: Demo

  beforeAll(async () => {
    running = startDemo()
    demo = await running.ready()
  })

  afterAll(async () => running?.[Symbol.asyncDispose]())

  test('has digests in the inbox within ten seconds', async () => {
    expect((await demo.mails()).map(mail => mail.to).sort()).toEqual([
      ALICE,
      'bob@example.com',
      'müller@example.com',
      "o'neil@example.com",
    ])
    expect(demo.readyAfter).toBeLessThan(10_000)
  })

  test('says where things are, and nothing else: it warns of nothing', () => {
    const { inbox, links, admin, ...others } = JSON.parse(running.output())
    expect([inbox, links, admin].filter(address => !URL.canParse(address))).toEqual([])
    expect(others).toEqual({})
  })

  test('releases a message after a click in the digest and a move of the mouse; the inbox shows it', async () => {
    const { context, page } = await digestOnScreen()
    const [release] = await Promise.all([
      context.waitForEvent('page'),
      (await rowLink(page, 'Sports')).click(),
    ])
    await release.getByRole('heading', { name: 'Release this message?' }).waitFor()
    await settled(release)
    expect(await releasedMails()).toEqual([])

    await release.mouse.move(40, 60)
    await release.mouse.move(90, 140, { steps: 4 })
    await release.getByRole('heading', { name: 'On its way to your inbox' }).waitFor()
    expect(await releasedMails()).toEqual([
      [ALICE, 'Sports day on Friday: please bring a hat and a spare sock'],
    ])

    await page.getByRole('link', { name: /Just arrived for alice@example.com: Sports day/ }).waitFor()
    await page.getByRole('link', { name: 'Mailbox' }).click()
    await page.locator('.list a', { hasText: 'Just arrived' }).click()
    await mailOn(page).getByText('spare sock', { exact: false }).first().waitFor()
  })

  test('releases a banned message in two presses: the warning comes first, and only its button releases', async () => {
    const { context, page } = await digestOnScreen()
    const [review] = await Promise.all([
      context.waitForEvent('page'),
      (await rowLink(page, 'The printer driver')).click(),
    ])
    await review.getByRole('heading', { name: 'Check this message first' }).waitFor()
    await review.getByText('on a number you already know').waitFor()
    expect(await review.getByRole('button').allTextContents()).toEqual(['Release it anyway'])
    await review.mouse.move(90, 140, { steps: 4 })
    await review.keyboard.press('x')
    await settled(review)
    expect(await releasedMails()).not.toContainEqual([ALICE, 'The printer driver you asked for'])

    await review.getByRole('button', { name: 'Release it anyway' }).click()
    await review.getByRole('heading', { name: 'On its way to your inbox' }).waitFor()
    expect(await releasedMails()).toContainEqual([ALICE, 'The printer driver you asked for'])
  })

  test('works without JavaScript, in the inbox and on the pages', async () => {
    const { context, page } = await digestOnScreen({ javaScriptEnabled: false })
    const [release] = await Promise.all([
      context.waitForEvent('page'),
      (await rowLink(page, 'Invoice 2481')).click(),
    ])
    await release.getByRole('button', { name: 'Release', exact: true }).click()
    await release.getByRole('heading', { name: 'On its way to your inbox' }).waitFor()
    expect(await releasedMails()).toContainEqual([ALICE, 'Invoice 2481: your kitchen tap, now silent'])
  })

  test('says that a message is already released, and sends no second copy', async () => {
    const { html } = await demo.digestOf('bob@example.com')
    const link = linkNamed(html, 'Minutes')
    const page = await (await contextOf()).newPage()
    for (const heading of ['On its way to your inbox', 'Already released']) {
      await page.goto(link)
      const button = page.getByRole('button', { name: 'Release', exact: true })
      if (heading.startsWith('On')) await button.click()
      await page.getByRole('heading', { name: heading }).waitFor()
    }
    expect((await releasedMails()).filter(([to]) => to === 'bob@example.com')).toHaveLength(1)
  })

  test('its reader signs in by a mail, reads a message and releases it, deletes another and takes it back', async () => {
    const page = await (await contextOf()).newPage()
    await page.goto(demo.links)
    await page.getByRole('textbox').fill(ALICE)
    await page.getByRole('button').first().click()
    await page.getByRole('heading', { name: 'Check your mailbox' }).waitFor()
    await page.goto(await demo.signInLinkOf(ALICE))
    await page.getByRole('button', { name: 'Sign in' }).click()

    await page.getByRole('link', { name: 'We would love to offer you the job' }).click()
    await page.getByText('asked the office cat', { exact: false }).waitFor()
    await page.getByText('offer.pdf').waitFor()
    await page.locator('summary', { hasText: 'Points of each spam rule' }).click()
    await page.getByRole('row', { name: 'BAYES_99 +3.5' }).waitFor()
    await page.getByRole('link', { name: 'Show as sent' }).click()
    await page.locator('iframe').contentFrame().getByText('She said yes, and so did we.').waitFor()
    await page.getByRole('button', { name: 'Release', exact: true }).click()
    await page.getByText('It usually arrives within a minute', { exact: false }).waitFor()
    expect(await releasedMails()).toContainEqual([ALICE, 'We would love to offer you the job'])

    await page.getByRole('link', { name: 'Back to the list' }).click()
    await page.getByRole('link', { name: 'Genuine replica watches' }).click()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Undo' }).first().click()
    await page.getByText('Undone: the message is held again').waitFor()
  })

  test('its admin finds a mail for a caller, by the link that it prints', async () => {
    const page = await (await contextOf()).newPage()
    await page.goto(demo.admin)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: 'Held mail', exact: true }).click()
    await page.getByRole('searchbox', { name: 'Search held mail' }).fill('to:alice mackerel')
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await page.getByRole('link', { name: 'mackerel' }).click()
    await page.getByText('The lobster is not for sale', { exact: false }).waitFor()
  })

  test('pauses digests from the link at the end of the mail, and resumes them', async () => {
    const { context, page } = await digestOnScreen()
    const [preferences] = await Promise.all([
      context.waitForEvent('page'),
      mailOn(page).getByRole('link', { name: 'Change or pause these mails' }).click(),
    ])
    const state = async () =>
      (await fetch(preferences.url(), { headers: { accept: 'application/json' } })).json()
    await preferences.getByRole('button', { name: 'Pause until I turn them on again' }).click()
    await preferences.getByText('Done: your digests are paused').waitFor()
    expect(await state()).toMatchObject({ status: 'paused', pausedUntil: null })
    await preferences.getByRole('button', { name: 'Send me digests again' }).click()
    await preferences.getByText('Done: your digests are on again').waitFor()
    expect(await state()).toMatchObject({ status: 'active' })
  })

  /** Goes from the inbox to Alice's digest, as a new user would. */
  async function digestOnScreen(options: BrowserContextOptions = {}) {
    const context = await contextOf(options)
    const page = await context.newPage()
    await page.goto(demo.inbox)
    await page
      .locator('.list a', { hasText: `to ${ALICE}` })
      .filter({ hasText: 'held back' })
      .click()
    return { context, page }
  }

  /** The button of a row. It cannot be found by name, because subjects contain invisible characters. */
  async function rowLink(page: Page, subject: string) {
    const { html } = await demo.digestOf(ALICE)
    return mailOn(page).locator(`a[href="${linkNamed(html, subject)}"]`)
  }

  async function contextOf(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await browser.newContext({ ...PHONE, ...options })
    context.setDefaultTimeout(10_000)
    onTestFinished(() => context.close())
    return context
  }

  /** Recipient and subject of each mail that was released so far. */
  const releasedMails = async () =>
    (await demo.mails()).filter(mail => mail.released).map(({ to, subject }) => [to, subject])
})

test('Ctrl-C ends the demo with status 0 and leaves nothing behind, even if npm repeats the signal', async () => {
  await using running = startDemo()
  const { inbox, links } = await running.ready()
  const ended = [running.interrupt(), running.interrupt()]
  expect(await Promise.all(ended)).toEqual([0, 0])
  expect(running.output()).toContain('Nothing is left behind')
  expect(running.temporaryFiles()).toEqual([])
  expect(running.isAlive()).toBe(false)
  await expect(fetch(inbox)).rejects.toThrow()
  await expect(fetch(links)).rejects.toThrow()
})

test('Ctrl-C before the first digest leaves nothing behind either', async () => {
  await using running = startDemo()
  await waitUntil('its first file', () => running.temporaryFiles().length > 0, { every: 2 })
  expect(await running.interrupt()).toBe(0)
  expect(running.temporaryFiles()).toEqual([])
  expect(running.output()).not.toContain('"inbox"')
})

test('ports that are taken are replaced by free ones', async () => {
  const taken = await Promise.all([takenPort(), takenPort()])
  await using running = startDemo({ links: taken[0], inbox: taken[1] })
  const { inbox, links, digestOf } = await running.ready()
  expect(taken).not.toContain(Number(new URL(inbox).port))
  expect(taken).not.toContain(Number(new URL(links).port))
  const { html } = await digestOf('bob@example.com')
  expect((await fetch(linkNamed(html, 'Minutes'))).status).toBe(200)
})

const mailOn = (page: Page) => page.frameLocator('iframe[title=Message]')

/** The link of the row whose subject begins with this text. */
function linkNamed(html: string, subject: string): string {
  const visible = html.replace(/[\u2060\u200b\u200c]/g, '')
  const link = new RegExp(`href="([^"]+)" aria-label="(?:Release|Check first): ${subject}`).exec(visible)?.[1]
  if (link === undefined) throw new Error(`no row about ${subject}`)
  return link
}

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  return address.port
}
