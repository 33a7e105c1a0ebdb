import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { bundleProgram } from '../../scripts/bundle.ts'

/** Bundles the program as for a package: tests start it some hundreds of times. */
export async function bundleForTests(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const newFolder = mkdtempSync(join(folder, 'new-'))
  await bundleProgram(newFolder)
  await using preloaded = await rolldown({ cwd: ROOT, platform: 'node', input: PRELOADED })
  await preloaded.write({ dir: newFolder, entryFileNames: '[name].js' })
  // Moved file by file, because another run of the tests may be using the old ones.
  for (const name of readdirSync(newFolder)) renameSync(join(newFolder, name), join(folder, name))
  rmSync(newFolder, { recursive: true })
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** What the chaos test loads before the program: in a file of its own, so that nothing of the program is loaded first. */
const PRELOADED = { 'crash-point': 'test/chaos/crash-point.ts' }
