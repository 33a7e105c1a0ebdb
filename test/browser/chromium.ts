import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type LaunchOptions, type Page } from 'playwright-core'

/** Launches Debian's Chromium, without background requests such as those for updates. */
export const launchChromium = ({ args = [], ...options }: LaunchOptions = {}): Promise<Browser> =>
  chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...ONE_RENDERER,
      ...args,
    ],
    ...options,
  })

/** A new process for each context and each origin costs more than most pages. No page depends on it. */
const ONE_RENDERER = ['--renderer-process-limit=1', '--disable-site-isolation-trials']

/** Waits for an idle network and two painted frames, by when the page has sent everything it wanted to send. */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.evaluate(TWO_FRAMES)
}

/** Waits until the page and its resources are loaded and two frames are painted, so that it has its final look. */
export async function painted(page: Page): Promise<void> {
  await page.waitForLoadState('load')
  await page.evaluate(TWO_FRAMES)
}

const TWO_FRAMES = 'new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)))'

/** Saves a picture of the page if `PICTURES` is set. A picture takes as long as all the checks of the page. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  if (!process.env.PICTURES) return
  mkdirSync(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true })
}

/** A folder that is not part of the repository. */
const PICTURES = fileURLToPath(new URL('../../artefacts/browser/', import.meta.url))
