import type { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import type { WantedRun } from '../../../desks/admin/digests/run-by-hand.ts'
import { readerAddress } from '../../../ground/directory/reader-address.ts'
import { displayText } from '../../../ground/display/text.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { PlannedDigest } from '../../../work/digest/make/compile.ts'
import type { App } from '../../app.ts'
import { type Cli, type CommonOptions, print, printNote, stopSignal, withApp } from '../context.ts'
import { repeated } from '../repeated.ts'
import { table } from '../table.ts'
import { getReady, type RunResult, rehearseNow, runNow } from './run-now.ts'

interface RunOptions extends CommonOptions {
  readonly schedule?: string
  readonly recipient?: readonly string[]
  readonly dryRun?: boolean
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
    const wanted = { schedule: options.schedule, recipients }
    const result = await withApp(cli, options, async app => {
      await getReady(app)
      return options.dryRun ? rehearseNow(app, wanted) : withProgress(app, wanted, options)
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

async function withProgress(app: App, wanted: WantedRun, options: RunOptions): Promise<RunResult> {
  let bar: SingleBar | undefined
  const onMade = async (digests: number) => {
    bar = await progressBar(options, digests)
  }
  const onSent = () => bar?.increment()
  try {
    return await runNow(app, wanted, { signal: stopSignal(), onMade, onSent })
  } finally {
    bar?.stop()
  }
}

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
