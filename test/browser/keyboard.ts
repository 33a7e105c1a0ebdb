import type { Frame, Page } from 'playwright-core'

/** Presses Tab until an element with this name has the focus. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = []
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab')
    const focused = await focusedName(page.mainFrame())
    if (typeof name === 'string' ? focused === name : name.test(focused)) return
    seen.push(focused)
  }
  throw new Error(`Tab does not lead to ${String(name)}, but to: ${seen.join(' | ')}`)
}

/** The label or the text of the focused element, even within a frame. */
async function focusedName(frame: Frame): Promise<string> {
  for (const child of frame.childFrames()) {
    const inside = await focusedName(child)
    if (inside !== '') return inside
  }
  return frame.evaluate(
    `(() => {
      const focused = document.activeElement
      if (!focused || focused === document.body || focused.localName === 'iframe') return ''
      return (focused.labels?.[0] ?? focused).textContent.trim()
    })()`,
  )
}
