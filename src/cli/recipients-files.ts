import { createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { CodedError } from '../errors.ts'
import type { Imported } from '../preferences/import-settings.ts'
import { faultText } from '../preferences/settings-csv.ts'
import { type CommonOptions, print, tell } from './context.ts'
import { commandLineEditor } from './editor.ts'
import { withSettings } from './with-settings.ts'

interface ImportOptions extends CommonOptions {
  readonly skipBad?: boolean
  readonly dryRun?: boolean
}

interface ExportOptions extends CommonOptions {
  readonly domain?: readonly string[]
}

/** Settings of tens of thousands, in and out. */
export function addRecipientsFiles(recipients: Command): void {
  recipients
    .command('import')
    .description(
      'set what a CSV file says; each line replaces all that is set for its scope, the others stay',
    )
    .argument('<file>', 'as "export" writes it; - for standard input')
    .option('--skip-bad', 'apply the good lines although others are bad')
    .option('--dry-run', 'apply nothing, and say what would be')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', COLUMNS)
    .action(importFile)
  recipients
    .command('export')
    .description('write everything that is set as CSV')
    .argument('[file]', 'default: standard output')
    .option('--domain <domain...>', 'only of these domains and their readers')
    .action(exportFile)
}

const COLUMNS = `
The first line names the columns, in any order: scope,schedules,language,timezone,deliver_to,paused_until,on,locked
An empty cell, or a column that is not there, sets nothing: the wider settings hold. Several schedules, and several
locked fields, are separated by blanks. When an import changes where digests go, those concerned get a mail; of more
than 1,000 such changes at once the admins alone, with the first 50 in it.`

async function importFile(file: string, _options: ImportOptions, command: Command): Promise<void> {
  const options = command.optsWithGlobals<ImportOptions>()
  const { skipBad = false, dryRun = false } = options
  const imported = await usable(file, async () => {
    const input = file === '-' ? process.stdin : (await open(file)).createReadStream()
    return withSettings(options, app =>
      app.desk.importSettings(commandLineEditor(), input, { skipBad, dryRun }),
    )
  })
  for (const fault of imported.faults) tell(faultText(fault))
  for (const warning of imported.warnings) tell(warning)
  if (options.json) print(JSON.stringify(imported))
  tell(`${summary(imported)}${dryRun ? ' Nothing was applied: a dry run.' : ''}`)
}

function summary({ lines, set, removed, unchanged, skipped, redirected }: Imported): string {
  const parts = [`${set} set`, `${unchanged} unchanged`, ...(removed > 0 ? [`${removed} removed`] : [])]
  const bad = skipped > 0 ? ` ${skipped} bad ${skipped === 1 ? 'line was' : 'lines were'} skipped.` : ''
  const moved =
    redirected > 0
      ? ` The destination of ${redirected} ${redirected === 1 ? 'reader' : 'readers'} has changed.`
      : ''
  return `${lines} ${lines === 1 ? 'line' : 'lines'}: ${parts.join(', ')}.${bad}${moved}`
}

async function exportFile(
  file: string | undefined,
  _options: ExportOptions,
  command: Command,
): Promise<void> {
  const options = command.optsWithGlobals<ExportOptions>()
  await withSettings(options, async app => {
    const lines = Readable.from(app.desk.exportSettings(undefined, options.domain ?? []))
    if (file === undefined || file === '-')
      await pipeline(lines, process.stdout, { end: false }).catch(unlessClosed)
    // They are personal data.
    else await usable(file, () => pipeline(lines, createWriteStream(file, { mode: 0o600 })))
  })
}

/** Whoever reads our output may have read enough. */
function unlessClosed(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error
}

/** A file that is not there, or not ours to use, is the caller's mistake. */
async function usable<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error && !(error instanceof CodedError))) throw error
    throw new CodedError('USAGE', `${file} cannot be used: ${error.message}.`)
  }
}
