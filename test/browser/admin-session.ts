import type { Browser, BrowserContext, Page } from 'playwright-core'
import { waitUntil } from '../servers/wait.ts'
import type { Demo } from './demo-process.ts'

/** The admin of the demo. */
export const ADMIN = 'postmaster@example.com'

/** The cookies of a session. Pass them to `newContext` as `storageState`. */
export type AdminSession = Awaited<ReturnType<BrowserContext['storageState']>>

/** Signs in the admin of the demo, once for all contexts of a test, because only a few links are sent at a time. */
export async function adminSession(browser: Browser, demo: Demo): Promise<AdminSession> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(await askForLink(page, demo))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  const session = await context.storageState()
  await context.close()
  return session
}

/** Asks for a link in the form. @returns the link that the mail brings */
export const askForLink = (page: Page, demo: Demo): Promise<string> =>
  signInLinkAfter(demo, async () => {
    await page.goto(`${demo.links}/admin`)
    await page.getByLabel('E-mail address').fill(ADMIN)
    await page.getByRole('button', { name: 'Send me a link' }).click()
    await page.getByRole('heading', { name: 'Check your mailbox' }).waitFor()
  })

/**
 * Waits for the sign-in mail to the admin that something asks for. The mail may come later than the answer to the form,
 * and the links of the mails before it are used up.
 */
export async function signInLinkAfter(demo: Demo, ask: () => Promise<void>): Promise<string> {
  const before = (await signInMails(demo)).map(({ id }) => id)
  await ask()
  const { id } = await waitUntil('the sign-in mail', async () =>
    (await signInMails(demo)).find(mail => !before.includes(mail.id)),
  )
  const link = /http\S+\/admin\/sign-in\/\S+/.exec((await demo.mail(id)).text)?.[0]
  if (link === undefined) throw new Error('The mail has no link')
  return link
}

const signInMails = async (demo: Demo) =>
  (await demo.mails()).filter(({ to, subject }) => to === ADMIN && subject === 'Your sign-in link')
