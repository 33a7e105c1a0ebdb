import type { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import type { WantedRun } from '../../desks/admin/digests/run-by-hand.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import { displayText } from '../../ground/display/text.ts'
import { SECOND } from '../../ground/durations.ts'
import { CodedError } from '../../ground/errors.ts'
import type { PlannedDigest } from '../../work/digest/make/compile.ts'
import type { App } from '../app.ts'
import { type Cli, type CommonOptions, print, printNote, stopSignal, withApp } from './context.ts'
import { commandLineEditor } from './editor.ts'
import { repeated } from './repeated.ts'
import { table } from './table.ts'

interface RunOptions extends CommonOptions {
  readonly schedule?: string
  readonly recipient?: readonly string[]
  readonly dryRun?: boolean
}

/** What `run --json` prints. */
interface RunResult {
  readonly digests: number
  readonly items: number
  readonly sent: number
  readonly failed: number
  /** How many of its digests a running service took: the other numbers include what has become of them by now. */
  readonly handedOver: number
  /** Left for later, because amavisd cannot be asked to release. */
  readonly heldBack: number
  /** Why there is no digest for some of the named readers. */
  readonly keptBack: readonly string[]
  /** Copies of digests, which the other numbers leave out. */
  readonly copies: { readonly sent: number; readonly failed: number }
  /** Only for a dry run. */
  readonly list?: readonly PlannedDigest[]
}

export function addRun(program: Command, cli: Cli): void {
  program
    .command('run')
    .description('collect, compile and deliver now')
    .option('--schedule <name>', 'only the readers of this schedule')
    .option('--recipient <address>', 'only the reader of this address; may be repeated', repeated)
    .option('--dry-run', 'list the digests that would be made, without claiming or sending anything')
    .option('--json', 'print the result as JSON')
    .action(run(cli))
}

const run =
  (cli: Cli) =>
  async (_options: RunOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<RunOptions>()
    const recipients = addressesOf(options)
    const result = await withApp(cli, options, async app => {
      await app.prepare()
      await app.check()
      await app.seedSchedules()
      const wanted = { schedule: options.schedule, recipients }
      return options.dryRun ? rehearse(app, wanted) : runAndDeliver(app, wanted, options)
    })
    report(result, options)
    if (result.failed + result.copies.failed > 0 || (result.heldBack ?? 0) > 0) process.exitCode = 1
  }

function addressesOf({ recipient }: RunOptions): string[] | undefined {
  if (recipient === undefined) return undefined
  return recipient.map(text => {
    const address = readerAddress(text)
    if (address === undefined) throw new CodedError('USAGE', `--recipient: ${text} is not an address.`)
    return address
  })
}

async function rehearse(app: App, wanted: WantedRun): Promise<RunResult> {
  const made = await app.desk.digests.rehearse(commandLineEditor(), wanted, Number.POSITIVE_INFINITY)
  return { ...made, sent: 0, failed: 0, handedOver: 0, heldBack: 0, copies: { sent: 0, failed: 0 } }
}

async function runAndDeliver(app: App, wanted: WantedRun, options: RunOptions): Promise<RunResult> {
  const signal = stopSignal()
  await app.expireDigests()
  const made = await app.desk.digests.run(commandLineEditor(), wanted, signal)
  const bar = await progressBar(options, made.digests)
  try {
    const { sent, failed, handedOver, heldBack, copies } = await app.deliver({
      dueAt: Date.now(),
      ...(made.readers ? { readers: made.readers } : {}),
      runId: made.runId,
      dueBefore: made.dueBefore,
      signal,
      patience: PATIENCE,
      onAttempt: (_, isCopy) => {
        if (!isCopy) bar?.increment()
      },
    })
    return { ...made, sent, failed, handedOver, heldBack, copies }
  } finally {
    bar?.stop()
  }
}

/** Milliseconds to wait for amavisd, which takes some seconds to start again. */
const PATIENCE = 10 * SECOND

async function progressBar(options: RunOptions, total: number): Promise<SingleBar | undefined> {
  if (options.json || !process.stderr.isTTY || total === 0) return undefined
  const { SingleBar } = await import('cli-progress')
  const bar = new SingleBar({
    format: '{bar} {value}/{total} digests, {eta_formatted} left',
    stream: process.stderr,
  })
  bar.start(total, 0)
  return bar
}

function report(result: RunResult, options: RunOptions): void {
  const { digests, items, sent, failed, handedOver, heldBack, keptBack, copies, list } = result
  if (heldBack > 0) printNote(`amavis-digest: ${heldBackWords(heldBack)}`)
  for (const reason of keptBack) printNote(`amavis-digest: ${displayText(reason, 1000)}`)
  if (options.json) {
    const more = {
      ...(handedOver > 0 && { handedOver }),
      ...(heldBack > 0 && { heldBack }),
      ...(keptBack.length > 0 && { keptBack }),
      ...(copies.sent + copies.failed > 0 && { copies }),
      ...(list && { list: list.map(jsonOf) }),
    }
    print(JSON.stringify({ digests, items, sent, failed, ...more }))
    return
  }
  const made = `${count(digests, 'digest')} of ${count(items, 'message')}`
  if (list === undefined) {
    printNote(`Made ${made}: ${sent} sent, ${failed} failed or put off.`)
    if (copies.sent + copies.failed > 0)
      printNote(`Copies for others: ${copies.sent} sent, ${copies.failed} failed or put off.`)
    if (handedOver > 0) printNote(`Of these, handed to the running service: ${handedOver}.`)
    return
  }
  const shown = process.stdout.isTTY ? list.slice(0, TERMINAL_LINES) : list
  if (shown.length > 0) print(table(['Reader', 'Messages', 'Goes to', 'Language'], shown.map(rowOf)))
  if (shown.length < list.length) print(`  … and ${list.length - shown.length} more`)
  printNote(`Would make ${made}. Nothing was claimed or sent.`)
}

const heldBackWords = (digests: number): string =>
  `amavisd cannot be asked to release, so the links of ${count(digests, 'digest')} would do nothing. Nothing was sent to their readers. Start amavisd, or check release.via and release.hosts: then serve sends them, or run does when you start it again. To send digests all the same, set delivery.withoutRelease: true.`

const TERMINAL_LINES = 50

const jsonOf = ({ reader, messages, deliverTo, language, timeZone }: PlannedDigest) => ({
  reader,
  items: messages,
  deliverTo,
  language,
  timezone: timeZone,
})

const rowOf = ({ reader, messages, deliverTo, language }: PlannedDigest): string[] => [
  displayText(reader, 100),
  String(messages),
  displayText(deliverTo, 100),
  displayText(language, 40),
]

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`
