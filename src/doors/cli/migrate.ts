import type { Command } from 'commander'
import { type Cli, type CommonOptions, print, printNote, withApp } from './context.ts'

export function addMigrate(program: Command, cli: Cli): void {
  program
    .command('migrate')
    .description('create or update our own tables')
    .option('--json', 'print the result as JSON')
    .action(migrate(cli))
}

const migrate =
  (cli: Cli) =>
  async (_options: CommonOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<CommonOptions>()
    const applied = await withApp(cli, options, app => app.migrate())
    if (options.json) print(JSON.stringify({ applied }))
    else printNote(applied.length === 0 ? 'The tables are up to date.' : `Done: ${applied.join(', ')}.`)
  }
