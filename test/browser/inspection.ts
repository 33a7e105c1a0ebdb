import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** What a person can see and click on a page. */
export interface Inspection {
  readonly language: string
  readonly direction: string
  readonly title: string
  /** By how many pixels the page is wider than the screen. */
  readonly overflow: number
  readonly texts: readonly {
    readonly text: string
    readonly tag: string
    readonly size: number
    readonly contrast: number
    /** The least contrast that WCAG asks for at this size. */
    readonly needed: number
  }[]
  readonly targets: readonly {
    readonly name: string
    readonly tag: string
    readonly href: string | null
    readonly height: number
  }[]
}

export const inspect = (page: Page): Promise<Inspection> => page.evaluate(SCRIPT)

/** Checks that a page is legible, has targets large enough for a thumb, and is no wider than the screen. */
export function expectGoodLooks(seen: Inspection): void {
  expect(seen.language).toBe('en')
  expect(seen.direction).toBe('ltr')
  expect(seen.title).not.toBe('')
  expect(seen.overflow).toBeLessThanOrEqual(0)
  expect(seen.texts.length).toBeGreaterThan(2)
  expect(seen.texts.filter(text => text.contrast < text.needed)).toEqual([])
  expect(seen.texts.filter(text => text.size < SMALLEST)).toEqual([])
  expect(seen.texts.filter(text => MAIN.includes(text.tag) && text.size < 16)).toEqual([])
  expect(seen.targets.filter(target => target.height < 44).map(target => target.name)).toEqual([])
}

const SCRIPT = readFileSync(new URL('inspect-page.js', import.meta.url), 'utf8')

/** The smallest font size, in CSS pixels. */
const SMALLEST = 13

const MAIN = ['h1', 'h2', 'button']
