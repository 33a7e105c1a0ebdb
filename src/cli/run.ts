import { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import type { App } from '../app.ts'
import { readerAddress } from '../directory/reader-address.ts'
import { CodedError } from '../errors.ts'
import { type CommonOptions, print, stopSignal, tell, withApp } from './context.ts'

interface RunOptions extends CommonOptions {
  readonly schedule?: string
  readonly recipient: readonly string[]
  readonly dryRun?: boolean
}

/** What `run --json` prints. */
interface RunResult {
  readonly digests: number
  readonly items: number
  readonly sent: number
  readonly failed: number
}

export function addRun(program: Command): void {
  program
    .command('run')
    .description('collect, compile and deliver now')
    .option('--schedule <name>', 'only the readers of this schedule')
    .option('--recipient <address>', 'only this reader; may be repeated', collectInto, [])
    .option('--dry-run', 'count the digests without claiming or sending')
    .option('--json', 'print the result as JSON')
    .action(run)
}

const collectInto = (value: string, all: readonly string[]): string[] => [...all, value]

async function run(_options: RunOptions, command: Command): Promise<void> {
  const options = command.optsWithGlobals<RunOptions>()
  const readers = readersOf(options)
  const result = await withApp(options, async app => {
    await app.check()
    await app.seedSchedules()
    await requireSchedule(app, options.schedule)
    const request = { schedule: options.schedule, readers, dueAt: Date.now() }
    if (options.dryRun) return { ...(await app.rehearse(request)), sent: 0, failed: 0 }
    return runAndDeliver(app, { ...request, signal: stopSignal() }, options)
  })
  report(result, options)
  if (result.failed > 0) process.exitCode = 1
}

function readersOf({ recipient }: RunOptions): string[] | undefined {
  if (recipient.length === 0) return undefined
  return recipient.map(text => {
    const reader = readerAddress(text)
    if (reader === undefined) throw new CodedError('USAGE', `--recipient: ${text} is not an address.`)
    return reader
  })
}

async function requireSchedule(app: App, name: string | undefined): Promise<void> {
  if (name === undefined) return
  const names = (await app.listSchedules()).map(schedule => schedule.name)
  if (names.includes(name)) return
  throw new CodedError('SCHEDULE_UNKNOWN', `There is no schedule ${name}. There are: ${names.join(', ')}.`)
}

async function runAndDeliver(
  app: App,
  request: Parameters<App['run']>[0],
  options: RunOptions,
): Promise<RunResult> {
  await app.expireDigests()
  const made = await app.run(request)
  // What an admin asks for by hand does not wait for a back-off; a schedule's run waits with the others.
  if (request.schedule === undefined) await app.hastenDigests(request.readers)
  const bar = progressBar(options, made.digests)
  try {
    const delivered = await app.deliver({
      dueAt: Date.now(),
      ...(request.readers ? { readers: request.readers } : {}),
      signal: request.signal,
      onAttempt: () => bar?.increment(),
    })
    if (delivered.elsewhere > 0) {
      tell(`${count(delivered.elsewhere, 'digest')} more: another process is sending them.`)
    }
    return { ...made, sent: delivered.sent, failed: delivered.failed }
  } finally {
    bar?.stop()
  }
}

function progressBar(options: RunOptions, total: number): SingleBar | undefined {
  if (options.json || !process.stderr.isTTY || total === 0) return undefined
  const bar = new SingleBar({
    format: '{bar} {value}/{total} digests, {eta_formatted} left',
    stream: process.stderr,
  })
  bar.start(total, 0)
  return bar
}

function report(result: RunResult, options: RunOptions): void {
  if (options.json) {
    const { digests, items, sent, failed } = result
    print(JSON.stringify({ digests, items, sent, failed }))
    return
  }
  const made = `${count(result.digests, 'digest')} of ${count(result.items, 'message')}`
  if (options.dryRun) tell(`Would make ${made}.`)
  else tell(`Made ${made}: ${result.sent} sent, ${result.failed} failed or put off.`)
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`
