import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { waitUntil } from '../servers/wait.ts'
import { launchChromium, settled } from './chromium.ts'
import { type Demo, type DemoProcess, type DigestMail, startDemo } from './demo-process.ts'

const ALICE = 'alice@example.com'
const ADMIN = 'postmaster@example.com'
const HELP_DESK = 'helpdesk@example.com'
const DRIVER = 'The printer driver you asked for'
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

  test('releases a message after a click in the digest and one on the page, not by moving the mouse; the inbox shows it', async () => {
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
    await settled(release)
    expect(await releasedMails()).toEqual([])
    await release.getByRole('heading', { name: 'Release this message?' }).click()
    await release.getByRole('heading', { name: 'On its way to your inbox' }).waitFor()
    expect(await releasedMails()).toEqual([
      [ALICE, 'Sports day on Friday: please bring a hat and a spare sock'],
    ])

    await page.getByRole('link', { name: /Just arrived for alice@example.com: Sports day/ }).waitFor()
    await page.getByRole('link', { name: 'Mailbox' }).click()
    await page.locator('.list a', { hasText: 'Just arrived' }).click()
    await mailOn(page).getByText('spare sock', { exact: false }).first().waitFor()
  })

  test('its reader asks for a banned message from the phone, and its admin approves with a note: both arrive', async () => {
    const page = await (await contextOf()).newPage()
    const { html } = await demo.digestOf(ALICE)
    await page.goto(linkNamed(html, DRIVER))
    await page.getByRole('heading', { name: 'Ask for this message?' }).waitFor()
    await page.getByText('on a number you already know').waitFor()
    await page.mouse.move(90, 140, { steps: 4 })
    await page.keyboard.press('x')
    await settled(page)
    await page.getByRole('button', { name: 'Ask for it' }).click()
    await page.getByRole('heading', { name: 'An administrator has been asked' }).waitFor()
    expect(await releasedMails()).not.toContainEqual([ALICE, DRIVER])

    const { text } = await mailTo(ADMIN, /request for a message/)
    expect(text).toContain(`“${DRIVER}”`)
    const admin = await (await contextOf()).newPage()
    await admin.goto(/^https?:\S+\/admin\/requests\S*$/m.exec(text)?.[0] ?? '')
    await admin.getByRole('textbox').fill(ADMIN)
    await admin.getByRole('button', { name: 'Send me a link' }).click()
    await admin.goto(await demo.signInLinkOf(ADMIN))
    await admin.getByRole('button', { name: 'Sign in' }).click()
    await admin.getByRole('heading', { name: DRIVER }).waitFor()
    await admin.getByText('Add a note').click()
    await admin.getByRole('textbox', { name: 'Note to the reader' }).fill('It is ours. <b>Go on.</b>')
    await admin.getByRole('button', { name: 'Approve' }).click()
    await admin.getByText('Approved: the message is on its way.').waitFor()

    const answer = await mailTo(ALICE, /you asked for has been released/)
    expect(answer.text).toContain('It is ours. <b>Go on.</b>')
    expect(answer.html).toContain('It is ours. &lt;b&gt;Go on.&lt;/b&gt;')
    await waitUntil('the driver', async () =>
      (await releasedMails()).some(([, subject]) => subject === DRIVER),
    )
    await page.reload()
    await page.getByRole('heading', { name: 'Already released' }).waitFor()
  })

  test('its reader allows a sender from the digest, whose next mail then comes, and takes it back; another she blocks', async () => {
    const page = await (await contextOf({ hasTouch: true })).newPage()
    const { html } = await demo.digestOf(ALICE)
    await page.goto(linkNamed(html, 'Your appointment'))
    await page.getByRole('button', { name: 'Release and always allow this sender' }).tap()
    await page.getByText('Saved: from now on, mail from there is let through.').waitFor()
    expect((await mailTo(ALICE, /^Did my last mail/)).text).toContain('So I am writing once more.')

    await signInAsAlice(page)
    await page.getByRole('link', { name: 'Senders' }).click()
    await page.getByText('reminder@smile-dental.example').waitFor()
    await page.getByRole('button', { name: /^Remove/ }).click()
    await page.getByText('Taken back: mail from there is checked as usual.').waitFor()
    await page.getByText('Nobody is on this list.').waitFor()

    await page.goto(linkNamed(html, 'Lose 30 kg'))
    await page.getByRole('button', { name: 'Block this sender' }).tap()
    await page.getByText('Saved: from now on, mail from there is held.').waitFor()
    expect(await releasedMails()).not.toContainEqual([ALICE, expect.stringContaining('Lose 30 kg')])
    await waitUntil('the next mail of the blocked sender', async () => {
      await page.goto(`${demo.links}/mail?q=from:dr.slim`)
      return page.getByText('The sender is on a block list').isVisible()
    })
  })

  test('its help desk sees what its reader sees, and she sees who looked', async () => {
    const page = await (await contextOf()).newPage()
    await page.goto(`${demo.links}/admin`)
    await page.getByRole('textbox').fill(HELP_DESK)
    await page.getByRole('button', { name: 'Send me a link' }).click()
    await page.goto(await demo.signInLinkOf(HELP_DESK))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: ALICE }).click()
    await page.getByText(`You can release and delete for this reader.`).waitFor()
    await page.getByRole('link', { name: 'Genuine replica watches' }).waitFor()

    const own = await (await contextOf()).newPage()
    await signInAsAlice(own)
    await own.getByText(/helpdesk@example\.com.* looked at your quarantine/).waitFor()
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
    await signInAsAlice(page)
    await page.getByRole('link', { name: 'We would love to offer you the job' }).click()
    await page.getByText('asked the office cat', { exact: false }).waitFor()
    await page.getByText('offer.pdf').waitFor()
    await page.locator('summary', { hasText: 'Points of each spam rule' }).click()
    await page.getByRole('row', { name: 'BAYES_99 +3.5' }).waitFor()
    await page.getByRole('link', { name: 'Show as sent' }).click()
    await page.locator('iframe').contentFrame().getByText('She said yes, and so did we.').waitFor()
    await page.getByRole('button', { name: `Release ${ALICE}` }).click()
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

  async function signInAsAlice(page: Page): Promise<void> {
    await page.goto(demo.links)
    await page.getByRole('textbox').fill(ALICE)
    await page.getByRole('button').first().click()
    await page.getByRole('heading', { name: 'Check your mailbox' }).waitFor()
    await page.goto(await demo.signInLinkOf(ALICE))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: 'Senders' }).waitFor()
  }

  /** Waits for a mail, which may take a moment. */
  async function mailTo(to: string, subject: RegExp): Promise<DigestMail> {
    const found = await waitUntil(`a mail about ${subject} to ${to}`, async () =>
      (await demo.mails()).find(mail => mail.to === to && subject.test(mail.subject)),
    )
    return demo.mail(found.id)
  }

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
  const link = new RegExp(`href="([^"]+)" aria-label="(?:Release|Check first|Ask for it): ${subject}`).exec(
    visible,
  )?.[1]
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
