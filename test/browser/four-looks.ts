import type { Page } from 'playwright-core'
import type { Rules } from './axe.ts'
import { painted } from './chromium.ts'

type ColorScheme = 'light' | 'dark'

/** A phone and a desk, in both colours. Their heights do not matter. */
const LOOKS = [375, 1280].flatMap(width =>
  (['light', 'dark'] as const).map(colorScheme => ({ width, colorScheme })),
)

/**
 * Shows the present document on a phone and on a desk, in light and in dark colours, and checks it each time. Loading
 * it again for each look would take as long as the checks.
 *
 * @param check gets the width in CSS pixels, a name of the look for pictures, and the rules of accessibility that the
 *   look can break: the dark colours change no element and no size
 */
export async function inFourLooks(
  page: Page,
  check: (look: { readonly width: number; readonly name: string; readonly rules: Rules }) => Promise<void>,
): Promise<void> {
  for (const { width, colorScheme } of LOOKS) {
    await look(page, width, colorScheme)
    const name = `${width}-${colorScheme}`
    const rules = colorScheme === 'light' ? 'all' : 'colours'
    await check({ width, name, rules }).catch((error: unknown) => {
      throw new Error(`The page does not look good at ${name}.`, { cause: error })
    })
  }
}

/** Resizes the page and waits until it is painted anew. Without motion, its colours change at once. */
export async function look(page: Page, width: number, colorScheme: ColorScheme): Promise<void> {
  await page.setViewportSize({ width, height: 800 })
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  await painted(page)
}
