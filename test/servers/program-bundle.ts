import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Bundles the program into a few files. Tests start it some hundreds of times. A start from its 1,700 files takes half
 * a second, of which loading them is three tenths.
 */
export async function bundleProgram(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const newFolder = mkdtempSync(join(folder, 'new-'))
  await using bundle = await rolldown({ cwd: ROOT, input: PROCESSES, platform: 'node', external: UNBUNDLED })
  const names = { entryFileNames: '[name].js', chunkFileNames: '[name].js' }
  await bundle.write({ dir: newFolder, ...names, codeSplitting: { groups: [SHARED] } })
  // Moved file by file, because another run of the tests may be using the old ones.
  for (const name of readdirSync(newFolder)) renameSync(join(newFolder, name), join(folder, name))
  rmSync(newFolder, { recursive: true })
}

/** The compiler of templates is a separate program beside the main one, and so are threads. */
const PROCESSES = {
  cli: 'src/cli.ts',
  'mjml-process': 'src/ground/templates/mjml-process.ts',
  'message-worker': 'src/ground/message/message-worker.ts',
  'hash-worker': 'src/ground/sign-in/password-hash/hash-worker.ts',
}

/**
 * In one file what many parts import: in a hundred small files, a command spends a tenth of its time finding them. What
 * few parts import is not worth loading for all commands.
 */
const SHARED = { name: 'shared', minShareCount: 6 }

/** Packages that read their own files. */
const UNBUNDLED = [/^mjml/, /^pino/, /^bullmq/]
