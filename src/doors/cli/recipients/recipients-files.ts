import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import type { CsvFaults, Imported } from '../../../desks/admin/settings/import-settings.ts'
import { faultText } from '../../../desks/admin/settings/settings-csv.ts'
import { CodedError } from '../../../ground/errors.ts'
import { type Cli, type CommonOptions, print, printNote } from '../context.ts'
import { commandLineEditor } from '../editor.ts'
import { isClosedPipe, resultStream } from '../output.ts'
import { usageUnlessDisk, writeWholeFile } from '../whole-file.ts'
import { withSettings } from '../with-settings.ts'

interface ImportOptions extends CommonOptions {
  readonly skipBad?: boolean
  readonly dryRun?: boolean
}

interface ExportOptions extends CommonOptions {
  readonly domain?: readonly string[]
}

/** Imports and exports the settings of tens of thousands of readers. */
export function addRecipientsFiles(recipients: Command, cli: Cli): void {
  recipients
    .command('import')
    .description(
      'apply the settings in a CSV file, one line for each scope; scopes and settings that are not in it stay',
    )
    .argument('<file>', 'as "export" writes it; - for standard input')
    .option('--skip-bad', 'apply the good lines even if others are bad')
    .option('--dry-run', 'apply nothing, and print what would change')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', COLUMNS)
    .action(importFile(cli))
  recipients
    .command('export')
    .description('write all settings as CSV')
    .argument('[file]', 'default: standard output')
    .option('--domain <domain...>', 'only these domains and their readers')
    .action(exportFile(cli))
}

const COLUMNS = `
The first line names the columns, in any order and separated by commas,
semicolons or tabs:
scope,schedules,language,timezone,deliver_to,paused_until,on,locked,phrase,
copy_to,leave_out_blocked,version
An empty cell clears the setting, so that the wider scope decides. A setting
without a column stays as it is. Several schedules, locked fields or addresses
that get copies are separated by spaces or commas; "nobody" stands for no
copies, whatever the wider scope says. A pause that has ended counts as none.
The version is the one that "export" wrote: the line is bad if somebody has
changed its scope since. Without a version, the line replaces whatever is set.
When an import changes where digests or copies go, those concerned get a mail.
If it changes more than 1,000 destinations, only the admins get one, which
lists the first 50.`

const importFile =
  (cli: Cli) =>
  async (file: string, _options: ImportOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<ImportOptions>()
    const { skipBad = false, dryRun = false } = options
    const imported = await withUsableFile(file, async () => {
      const input = file === '-' ? process.stdin : (await open(file)).createReadStream()
      return withSettings(cli, options, app =>
        app.desk.settings.importCsv(commandLineEditor(), input, { skipBad, dryRun }),
      )
    }).catch((error: unknown) => {
      if (options.json && isCsvFaults(error)) print(JSON.stringify({ faults: error.faults }))
      throw error
    })
    for (const fault of imported.faults) printNote(faultText(fault))
    for (const warning of imported.warnings) printNote(warning)
    if (options.json) print(JSON.stringify(imported))
    printNote(`${summary(imported)}${dryRun ? ' Dry run: nothing was applied.' : ''}`)
  }

const isCsvFaults = (error: unknown): error is CsvFaults =>
  error instanceof CodedError && error.code === 'CSV_INVALID' && 'faults' in error

function summary({ lines, set, removed, unchanged, cleared, skipped, redirected }: Imported): string {
  const parts = [`${set} set`, `${unchanged} unchanged`, ...(removed > 0 ? [`${removed} removed`] : [])]
  const bad = skipped > 0 ? ` ${skipped} bad ${skipped === 1 ? 'line was' : 'lines were'} skipped.` : ''
  const moved =
    redirected > 0
      ? ` The destination of ${redirected} ${redirected === 1 ? 'reader' : 'readers'} has changed.`
      : ''
  const fields = Object.entries(cleared).map(([column, count]) => `${column} of ${count}`)
  const emptied = fields.length > 0 ? ` Cleared: ${fields.join(', ')}.` : ''
  return `${lines} ${lines === 1 ? 'line' : 'lines'}: ${parts.join(', ')}.${emptied}${bad}${moved}`
}

const exportFile =
  (cli: Cli) =>
  async (file: string | undefined, _options: ExportOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<ExportOptions>()
    await withSettings(cli, options, async app => {
      const lines = Readable.from(app.desk.settings.exportCsv(undefined, options.domain ?? []))
      if (file === undefined || file === '-')
        await pipeline(lines, resultStream(), { end: false }).catch(unlessClosed)
      else await withUsableFile(file, () => writeWholeFile(file, lines))
    })
  }

/** A program such as `head` closes the pipe once it has read enough. */
function unlessClosed(error: unknown): void {
  if (!isClosedPipe(error)) throw error
}

/** A file that is missing or not accessible is the caller's mistake. */
async function withUsableFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error && !(error instanceof CodedError))) throw error
    throw usageUnlessDisk(error, message => `${file} cannot be used: ${message}.`)
  }
}
