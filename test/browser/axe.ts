import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** An accessibility fault found by axe-core: the rule, and where it is broken. */
export interface Violation {
  readonly rule: string
  readonly impact: string
  readonly where: readonly string[]
}

/** Which rules to check: all, or those about colours, where the same page was checked in other colours before. */
export type Rules = 'all' | 'colours'

/** Fails when axe-core finds a serious or critical violation of WCAG 2.2 A or AA, or of its best practices. */
export async function expectAccessible(page: Page, rules: Rules = 'all'): Promise<void> {
  expect(await axe(page, rules)).toEqual([])
}

/** The serious and critical violations on a page in its present state. */
async function axe(page: Page, rules: Rules): Promise<Violation[]> {
  if (await page.evaluate('typeof axe === "undefined"')) await load(page)
  const options = {
    resultTypes: ['violations'],
    ...(rules === 'colours' && { runOnly: ['color-contrast', 'link-in-text-block'] }),
  }
  const found: readonly AxeResult[] = await page.evaluate(
    `(async () => (await axe.run(document, ${JSON.stringify(options)})).violations)()`,
  )
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, nodes }) => ({ rule: id, impact, where: nodes.map(node => node.html.slice(0, 200)) }))
}

/**
 * Through the debugger, because the page's content security policy allows no other script. Chromium compiles it in half
 * of the time that `page.evaluate` takes, which hands it to `eval`.
 */
async function load(page: Page): Promise<void> {
  const debugging = await page.context().newCDPSession(page)
  await debugging.send('Runtime.evaluate', { expression: SOURCE })
  await debugging.detach()
}

interface AxeResult {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string }[]
}

const SOURCE = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
