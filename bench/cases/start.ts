import { setTimeout as wait } from 'node:timers/promises'
import { SECOND } from '../../src/ground/durations.ts'
import { startAmavisd } from '../../test/servers/amavisd.ts'
import { startChild } from '../../test/servers/child.ts'
import { createProgram, type Program } from '../../test/stack/program.ts'
import { buildProgram, endOf, spawnBuilt } from '../built-program.ts'
import { type BenchCase, comparison, figure, inTurns, type Target } from '../figures.ts'
import { wallOf } from '../measure.ts'
import { cpuOfProcess, rssOf } from '../process-figures.ts'
import { startDatabase, startSink } from '../servers.ts'

/** How long the built program takes to start, and what it costs while nothing happens. */
export const start: BenchCase = {
  name: 'start',
  title: 'Start and idle',
  async *measure({ quick, rounds }) {
    await using stack = new AsyncDisposableStack()
    buildProgram()
    const database = await startDatabase(stack)
    const port = await startSink(stack)
    const amavisd = stack.use(await startAmavisd({ storage: database, sink: { port } }))
    const program = stack.use(
      await createProgram({
        storage: { url: database.url },
        smtp: { url: `smtp://127.0.0.1:${port}`, from: 'Mail quarantine <quarantine@example.com>' },
        release: { via: `unix://${amavisd.socketPath}` },
      }),
    )
    await command(program, 'run')
    const { node, version, run, serve } = await inTurns(quick ? rounds : 2 * rounds, {
      node: () => wallOf(() => endOf(startChild(process.execPath, ['--eval', '0']))),
      version: () => wallOf(() => command(program, '--version')),
      run: () => wallOf(() => command(program, 'run')),
      serve: () => readyAfter(program),
    })
    const what = 'node --eval 0'
    const beside = (name: string, values: readonly number[], target: Target) =>
      comparison(name, 'ms', values, { what, values: node }, target)
    yield beside('--version', version, { of: 'ours', atMost: 150 })
    yield beside('run with nothing to do', run, { of: 'ours', atMost: 500 })
    yield beside('serve until /readyz says yes', serve, { of: 'ours', atMost: 700 })
    const idle = await idleFigures(program, {
      after: quick ? 12 * SECOND : 90 * SECOND,
      span: quick ? 4 * SECOND : 60 * SECOND,
    })
    yield figure('CPU of an idle serve', '%', [idle.cpu], { of: 'ours', atMost: 0.5 })
    yield figure('RSS of an idle serve', 'MB', [idle.rss / 1e6], { of: 'ours', atMost: 110 })
  },
}

const command = (program: Program, name: string): Promise<string> => endOf(spawnBuilt(program, [name]))

async function readyAfter(program: Program): Promise<number> {
  const begun = performance.now()
  const service = spawnBuilt(program, ['serve'])
  try {
    await service.whileAlive(untilReady(program.url))
    return performance.now() - begun
  } finally {
    await service.stop()
  }
}

async function untilReady(url: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    if (answer?.ok) return
    await wait(5)
  }
}

/**
 * Left out is the start, whose garbage is collected after eight seconds. In a full run, doctor's slow checks are, too: they
 * come after a minute.
 */
async function idleFigures(
  program: Program,
  { after, span }: { readonly after: number; readonly span: number },
): Promise<{ readonly cpu: number; readonly rss: number }> {
  const service = spawnBuilt(program, ['serve'])
  try {
    await service.whileAlive(untilReady(program.url))
    await wait(after)
    const before = cpuOfProcess(service.pid)
    await wait(span)
    return { cpu: ((cpuOfProcess(service.pid) - before) / span) * 100, rss: rssOf(service.pid) }
  } finally {
    await service.stop()
  }
}
