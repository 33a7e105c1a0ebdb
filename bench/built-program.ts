import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { bundleProgram } from '../scripts/bundle.ts'
import { once } from '../src/ground/concurrency/once.ts'
import { type Child, startChild } from '../test/servers/child.ts'
import type { Program } from '../test/stack/program.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Builds the program, as `npm run build` does; once for all cases of a run. */
export const buildProgram = once(() => {
  for (const script of ['scripts/generate.ts', 'scripts/build.ts']) {
    const { status } = spawnSync(process.execPath, [script], { cwd: ROOT, stdio: ['ignore', 2, 2] })
    if (status !== 0) throw new Error(`${script} ended with ${String(status)}`)
  }
})

/**
 * Starts a command of the program as a package has it: JavaScript that Node need not translate first. It has to be built.
 */
export const spawnBuilt = (
  { configFile }: Pick<Program, 'configFile'>,
  args: readonly string[],
  nodeOptions: readonly string[] = [],
): Child =>
  startChild(process.execPath, [
    ...nodeOptions,
    `${ROOT}bin/amavis-digest.js`,
    ...args,
    ...['--config', configFile],
  ])

/** Waits until a command has done its work. @returns its output */
export async function endOf(command: Child): Promise<string> {
  const status = await command.ended
  if (status !== 0) throw new Error(`It ended with ${String(status)}:\n${command.output()}`)
  return command.output()
}

/**
 * Builds the files of `processes` together with the program: translated while it is measured, a tenth of the CPU would
 * go into that.
 */
export const buildProcesses = once(() =>
  bundleProgram(PROCESSES, {
    chain: 'bench/processes/chain.ts',
    'plain-loop': 'bench/processes/plain-loop.ts',
    'ready-mails': 'bench/processes/ready-mails.ts',
  }),
)

/** Where they are. */
export const PROCESSES = `${ROOT}artefacts/bench-processes`
