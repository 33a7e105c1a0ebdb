import type { Command } from 'commander'
import { checkJson, explainedJson } from '../../../desks/admin/directory/directory-json.ts'
import { type Cli, type CommonOptions, print, printNote, withApp } from '../context.ts'
import { checkText, explainedText, outdatedNote } from './directory-text.ts'

export function addDirectory(program: Command, cli: Cli): void {
  const directory = program.command('directory').description('whose mail it is, as the directory says')
  directory
    .command('show')
    .description("who reads an address's mail, and by which rows")
    .argument('<address>', 'any address, such as alice@example.com')
    .option('--json', 'as JSON')
    .action(show(cli))
  directory
    .command('check')
    .description('whether the directory answers, and which waiting mail nobody gets a digest about')
    .option('--json', 'as JSON')
    .action(check(cli))
}

const show =
  (cli: Cli) =>
  async (address: string, _options: CommonOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<CommonOptions>()
    const explained = await withApp(cli, options, app => app.desk.directory.explain(undefined, address))
    if (explained.outdated) printNote(outdatedNote(explained.outdated, Date.now()))
    print(options.json ? JSON.stringify(explainedJson(explained)) : explainedText(explained))
  }

const check =
  (cli: Cli) =>
  async (_options: CommonOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<CommonOptions>()
    const checked = await withApp(cli, options, async app => {
      await app.checkOwnTables()
      return app.desk.directory.check()
    })
    print(options.json ? JSON.stringify(checkJson(checked)) : checkText(checked))
    if (!checked.answer.ok) process.exitCode = 1
  }
