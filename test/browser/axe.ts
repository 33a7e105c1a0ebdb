import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** An accessibility fault found by axe-core: the rule, and where it is broken. */
export interface Violation {
  readonly rule: string
  readonly impact: string
  readonly where: readonly string[]
}

/** Fails when axe-core finds a serious or critical violation of WCAG 2.2 A or AA, or of its best practices. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await axe(page)).toEqual([])
}

/** The serious and critical violations on a page in its present state. */
export async function axe(page: Page): Promise<Violation[]> {
  // Run through the debugger, because the page's content security policy allows no other script.
  if (await page.evaluate('typeof axe === "undefined"')) await page.evaluate(SOURCE)
  const found: readonly AxeResult[] = await page.evaluate(
    '(async () => (await axe.run(document, { resultTypes: ["violations"] })).violations)()',
  )
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, nodes }) => ({ rule: id, impact, where: nodes.map(node => node.html.slice(0, 200)) }))
}

interface AxeResult {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string }[]
}

const SOURCE = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
