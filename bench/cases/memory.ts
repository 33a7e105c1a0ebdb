import { startAmavisd } from '../../test/servers/amavisd.ts'
import { createProgram } from '../../test/stack/program.ts'
import { buildProgram, endOf, spawnBuilt } from '../built-program.ts'
import { type BenchCase, comparison, figure } from '../figures.ts'
import { fillManyReaders } from '../many-readers.ts'
import { startDatabase, startSink } from '../servers.ts'

/**
 * The command `run` of the built program for many readers, and for few: the memory of its process at its highest, and
 * its time for each digest. Measured once each, because a run for a million readers takes ten minutes.
 */
export const memory: BenchCase = {
  name: 'memory',
  title: 'A run for a million readers',
  async *measure({ quick, seed }) {
    buildProgram()
    const [few, many] = quick ? [500, 2_000] : [50_000, 1_000_000]
    const small = await runFor(few, seed)
    const large = await runFor(many, seed)
    const reference = (values: readonly number[]) => ({ what: `${few.toLocaleString('en')} readers`, values })
    const through = `${many.toLocaleString('en')} readers, ${(2 * many).toLocaleString('en')} messages`
    yield comparison(
      `memory at its highest, ${through}`,
      'MB',
      [large.rss],
      reference([small.rss]),
      // A short run ends before its heap has grown.
      quick ? undefined : { of: 'ratio', atMost: 1.15 },
    )
    yield figure('the same', 'MB', [large.rss], { of: 'ours', atMost: 220 })
    yield comparison(
      'time for each digest',
      'ms',
      [large.milliseconds / many],
      reference([small.milliseconds / few]),
      quick ? undefined : { of: 'ratio', atMost: 1.1 },
    )
    yield comparison('CPU for each digest', 'ms', [large.cpu / many], reference([small.cpu / few]))
  },
}

interface RunFigures {
  /** MB. */
  readonly rss: number
  readonly milliseconds: number
  /** Milliseconds. */
  readonly cpu: number
}

async function runFor(readers: number, seed: number): Promise<RunFigures> {
  await using stack = new AsyncDisposableStack()
  const database = await startDatabase(stack)
  await fillManyReaders(database, { readers, seed, now: Date.now() })
  const port = await startSink(stack)
  const amavisd = stack.use(await startAmavisd({ storage: database, sink: { port } }))
  using program = await createProgram({
    storage: { url: database.url },
    smtp: { url: `smtp://127.0.0.1:${port}`, from: 'Mail quarantine <quarantine@example.com>' },
    release: { via: `unix://${amavisd.socketPath}` },
  })
  const begun = performance.now()
  const output = await endOf(spawnBuilt(program, ['run', '--json'], ['--import', TELL_AT_EXIT]))
  const milliseconds = performance.now() - begun
  const told = /^figures (.*)$/m.exec(output)?.[1]
  if (told === undefined || !output.includes(`"sent":${readers},"failed":0`))
    throw new Error(`the run for ${readers} readers has failed:\n${output}`)
  return { milliseconds, ...(JSON.parse(told) as { rss: number; cpu: number }) }
}

/**
 * What the process has used is known best by itself, at its end. Its highest memory is that of /proc: the one of
 * `resourceUsage` begins with the memory of the process that started it, as Linux keeps it across exec.
 */
const TELL_AT_EXIT = `data:text/javascript,${encodeURIComponent(`
  import { readFileSync } from 'node:fs'
  process.on('exit', () => {
    const [, kilobytes] = /^VmHWM:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))
    const { user, system } = process.cpuUsage()
    const figures = { rss: (kilobytes * 1024) / 1e6, cpu: (user + system) / 1000 }
    process.stderr.write('figures ' + JSON.stringify(figures) + '\\n')
  })
`)}`
