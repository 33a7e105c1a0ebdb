import type { Command } from 'commander'
import { HOUR, parseDuration } from '../../ground/durations.ts'
import { CodedError } from '../../ground/errors.ts'
import type { PurgeResult } from '../../work/purge/purge.ts'
import { type Cli, type CommonOptions, print, printNote, stopSignal, withApp } from './context.ts'
import { table } from './table.ts'

interface PurgeOptions extends CommonOptions {
  readonly olderThan?: string
  readonly dryRun?: boolean
}

export function addPurge(program: Command, cli: Cli): void {
  program
    .command('purge')
    .description("delete old mail from amavis's tables, unless it is promised to a reader")
    .option(
      '--older-than <span>',
      'such as 30d, for mail of all kinds (default: purge.olderThan and purge.kinds)',
    )
    .option('--dry-run', 'count what would be deleted, and delete nothing')
    .option('--json', 'print the result as JSON')
    .action(purge(cli))
}

const purge =
  (cli: Cli) =>
  async (_options: PurgeOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<PurgeOptions>()
    const olderThan = spanOf(options)
    const signal = stopSignal()
    const result = await withApp(cli, options, async app => {
      await app.check()
      return app.purge({ olderThan, isDryRun: options.dryRun === true, byClock: false, signal })
    })
    report(result, options)
  }

function spanOf({ olderThan }: PurgeOptions): number | undefined {
  if (olderThan === undefined) return undefined
  const span = parseDuration(olderThan)
  if (span !== undefined && span >= LEAST) return span
  throw new CodedError(
    'USAGE',
    `--older-than: expected a span of time of 1h or more, such as 30d, found ${olderThan}.`,
  )
}

/** amavisd may still be at work on younger mail, in milliseconds. */
const LEAST = HOUR

function report(result: PurgeResult, options: PurgeOptions): void {
  const { isElsewhere, isPartial, kinds, ...numbers } = result
  if (isElsewhere) printNote('Another process is purging now, so there is nothing to do here.')
  if (options.json) {
    const { msgs, msgrcpt, quarantine, maddr, bytes, own, promised } = numbers
    const state = { ...(isElsewhere && { elsewhere: true }), ...(isPartial && { partial: true }) }
    print(JSON.stringify({ msgs, msgrcpt, quarantine, maddr, bytes, own, promised, kinds, ...state }))
    return
  }
  if (isElsewhere) return
  const rows = Object.entries(kinds).map(([kind, { msgs, bytes }]) => [kind, String(msgs), octets(bytes)])
  if (rows.length > 0) print(table(['Kind', 'Messages', 'Stored'], rows))
  printNote(summary(result, options))
}

function summary(
  { msgs, msgrcpt, quarantine, maddr, bytes, own, promised, isPartial }: PurgeResult,
  { dryRun }: PurgeOptions,
) {
  const deleted = dryRun ? 'Would delete' : 'Deleted'
  const kept = promised === 0 ? '' : ` Kept, because they are promised to readers: ${promised} messages.`
  const rest = isPartial ? ' It was stopped before its end: start it again for the rest.' : ''
  return `${deleted} ${msgs} messages (${octets(bytes)}), with ${msgrcpt} rows of msgrcpt, ${quarantine} of quarantine and ${maddr} of maddr, and ${own} rows of our own tables.${kept}${rest}`
}

function octets(count: number): string {
  const unit = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(count, 1)) / 3))
  return `${Number((count / 1000 ** unit).toPrecision(3))} ${UNITS[unit]}`
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']
