import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type LaunchOptions, type Page } from 'playwright-core'

/** Debian's Chromium; it asks nobody for updates. */
export const launchChromium = (options: LaunchOptions = {}): Promise<Browser> =>
  chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    ...options,
  })

/** Idle network and two painted frames: whatever the page wanted to send has left it by now. */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.evaluate(TWO_FRAMES)
}

/** All that it refers to is there, and two frames are painted: it looks as it will. */
export async function painted(page: Page): Promise<void> {
  await page.waitForLoadState('load')
  await page.evaluate(TWO_FRAMES)
}

const TWO_FRAMES = 'new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)))'

/** Keeps a picture of the page for people to look at, if they have asked for it: it takes as long as to look at the page. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  if (!process.env.PICTURES) return
  mkdirSync(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true })
}

/** Not part of the repository. */
const PICTURES = fileURLToPath(new URL('../../artefacts/browser/', import.meta.url))
