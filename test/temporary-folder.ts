import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { quickFolder } from './quick-folder.ts'

/** A private folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(quickFolder(), 'amavis-digest-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
