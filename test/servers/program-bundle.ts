import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Puts the program into a few files. Tests start it some hundreds of times, and of half a second that a start takes
 * three tenths go into the 1,300 files that it has otherwise.
 */
export async function bundleProgram(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const made = mkdtempSync(join(folder, 'new-'))
  await using bundle = await rolldown({ cwd: ROOT, input: PROCESSES, platform: 'node', external: UNBUNDLED })
  await bundle.write({ dir: made, entryFileNames: '[name].js', chunkFileNames: '[name].js' })
  // Another run of the tests may be using what lies there.
  for (const name of readdirSync(made)) renameSync(join(made, name), join(folder, name))
  rmSync(made, { recursive: true })
}

/** The compiler of templates is a process of its own, which lies beside the program's file. */
const PROCESSES = { cli: 'src/cli.ts', 'mjml-process': 'src/ground/templates/mjml-process.ts' }

/** These read files of their own. */
const UNBUNDLED = [/^mjml/, /^pino/, /^bullmq/]
