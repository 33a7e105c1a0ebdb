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
  const options = { cwd: ROOT, platform: 'node', external: UNBUNDLED } as const
  const names = { dir: newFolder, entryFileNames: '[name].js', chunkFileNames: '[name].js' }
  await using program = await rolldown({ ...options, input: PROCESSES })
  await program.write({ ...names, codeSplitting: { groups: [SHARED] } })
  await using preloaded = await rolldown({ ...options, input: PRELOADED })
  await preloaded.write(names)
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

/** What the chaos test loads before the program: in a file of its own, so that nothing of the program is loaded first. */
const PRELOADED = { 'crash-point': 'test/chaos/crash-point.ts' }

/**
 * In one file what many parts import: in a hundred small files, a command spends a tenth of its time finding them. What
 * few parts import is not worth loading for all commands.
 */
const SHARED = { name: 'shared', minShareCount: 6 }

/** Packages that read their own files. */
const UNBUNDLED = [/^mjml/, /^pino/, /^bullmq/]
