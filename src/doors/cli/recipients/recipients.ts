import type { Command } from 'commander'
import { explanationJson, settingsJson } from '../../../desks/admin/settings/settings-json.ts'
import type { ScopeSettings } from '../../../rules/settings/setting-fields.ts'
import { type Cli, type CommonOptions, print, printNote } from '../context.ts'
import { commandLineEditor } from '../editor.ts'
import { withSettings } from '../with-settings.ts'
import { addRecipientsFiles } from './recipients-files.ts'
import { addRecipientsSet } from './recipients-set.ts'
import { explanationText, settingsTable } from './recipients-text.ts'

interface ListOptions extends CommonOptions {
  readonly domain?: string
  readonly search?: string
}

export function addRecipients(program: Command, cli: Cli): void {
  const recipients = program
    .command('recipients')
    .description('who gets what: settings of a reader, a domain (@example.com) or everybody (@)')
  recipients
    .command('list')
    .description('list all settings')
    .option('--domain <domain>', 'only this domain and its readers')
    .option('--search <text>', 'only addresses that contain this text')
    .option('--json', 'as JSON')
    .action(list(cli))
  recipients
    .command('show')
    .description('show the value in effect for each setting, and where it comes from')
    .argument('<address>', 'alice@example.com, @example.com or @, even if nothing is set for it')
    .option('--json', 'as JSON')
    .action(show(cli))
  addRecipientsSet(recipients, cli)
  recipients
    .command('remove')
    .description('remove the settings of a scope, so that the wider settings apply')
    .argument('<address>', 'alice@example.com, @example.com or @')
    .option('--json', 'print what was removed as JSON')
    .action(remove(cli))
  addRecipientsFiles(recipients, cli)
}

const list =
  (cli: Cli) =>
  async (_options: ListOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<ListOptions>()
    const { search } = options
    const domains = options.domain === undefined ? [] : [options.domain]
    const rows = await withSettings(cli, options, async ({ desk }) => {
      const all: ScopeSettings[] = []
      for await (const rows of desk.settings.walk(undefined, { search, domains })) all.push(...rows)
      return all
    })
    if (options.json) print(JSON.stringify(rows.map(rowJson)))
    else if (rows.length === 0) printNote('Nothing is set: everybody gets the default schedule.')
    else print(settingsTable(rows))
  }

/** Marks a row that is never used because of its spelling. */
const rowJson = (row: ScopeSettings) => ({
  ...settingsJson(row),
  ...(row.isCanonical ? {} : { unused: true }),
})

const show =
  (cli: Cli) =>
  async (address: string, _options: CommonOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<CommonOptions>()
    const explanation = await withSettings(cli, options, app => app.desk.settings.explain(undefined, address))
    print(
      options.json ? JSON.stringify(explanationJson(explanation)) : explanationText(explanation, Date.now()),
    )
  }

const remove =
  (cli: Cli) =>
  async (address: string, _options: CommonOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<CommonOptions>()
    const removed = await withSettings(cli, options, app =>
      app.desk.settings.remove(commandLineEditor(), address),
    )
    if (options.json) print(JSON.stringify(removed ? settingsJson(removed) : null))
    printNote(
      removed
        ? `Removed the settings of ${removed.scope}.`
        : `Nothing was set for ${JSON.stringify(address)}.`,
    )
  }
