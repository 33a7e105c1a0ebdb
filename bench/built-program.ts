import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { bundleProgram } from '../scripts/bundle.ts'
import { once } from '../src/ground/concurrency/once.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The program as a package has it: JavaScript that Node need not translate first. */
export const BUILT = `${ROOT}bin/amavis-digest.js`

/** Builds the program, as `npm run build` does; once for all cases of a run. */
export const buildProgram = once(() => {
  for (const script of ['scripts/generate.ts', 'scripts/build.ts']) {
    const { status } = spawnSync(process.execPath, [script], { cwd: ROOT, stdio: ['ignore', 2, 2] })
    if (status !== 0) throw new Error(`${script} ended with ${String(status)}`)
  }
})

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
