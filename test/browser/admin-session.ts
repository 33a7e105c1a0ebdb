import type { Browser, BrowserContext, Page } from 'playwright-core'
import { waitUntil } from '../servers/wait.ts'
import type { Demo, DigestMail } from './demo-process.ts'

/** The admin of the demo. */
export const ADMIN = 'postmaster@example.com'

/** The cookies of a session. Pass them to `newContext` as `storageState`. */
export type AdminSession = Awaited<ReturnType<BrowserContext['storageState']>>

/** Signs in the admin of the demo, once for all contexts of a test, because only a few links are sent at a time. */
export async function adminSession(browser: Browser, demo: Demo): Promise<AdminSession> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await askForLink(page, demo)
  await page.goto(await signInLink(demo))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  const session = await context.storageState()
  await context.close()
  return session
}

export async function askForLink(page: Page, demo: Demo): Promise<void> {
  await page.goto(`${demo.links}/admin`)
  await page.getByLabel('E-mail address').fill(ADMIN)
  await page.getByRole('button', { name: 'Send me a link' }).click()
  await page.getByRole('heading', { name: 'Check your mailbox' }).waitFor()
}

/** The link in the newest sign-in mail to the admin. */
export async function signInLink(demo: Demo): Promise<string> {
  const mail = await waitUntil('the sign-in mail', async () =>
    (await demo.mails()).find(({ to, subject }) => to === ADMIN && subject === 'Your sign-in link'),
  )
  const { text } = (await (await fetch(`${demo.inbox}/api/mails/${mail.id}`)).json()) as DigestMail
  const link = /http\S+\/admin\/sign-in\/\S+/.exec(text)?.[0]
  if (link === undefined) throw new Error('The mail has no link')
  return link
}
