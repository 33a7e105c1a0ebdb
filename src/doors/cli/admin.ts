import type { Command } from 'commander'
import { type Cli, type CommonOptions, print, printNote, withApp } from './context.ts'
import { commandLineEditor } from './editor.ts'
import { localTime } from './local-time.ts'

export function addAdmin(program: Command, cli: Cli): void {
  const admin = program.command('admin').description('the admins of the configuration')
  admin
    .command('link')
    .description('print a link that signs an admin in, once, within 15 minutes, in any browser')
    .argument('<address>', 'one of "admins" in the configuration')
    .option('--json', 'as JSON')
    .action(link(cli))
}

const link =
  (cli: Cli) =>
  async (address: string, _options: CommonOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<CommonOptions>()
    const { admin, url, expiresAt } = await withApp(cli, options, async app => {
      await app.checkOwnTables()
      return app.adminLink(commandLineEditor().actor, address)
    })
    if (options.json) print(JSON.stringify({ admin, url, expiresAt: new Date(expiresAt).toISOString() }))
    else {
      print(url)
      printNote(
        `Whoever opens this link is signed in as ${admin}. It works once, until ${localTime(expiresAt)}.`,
      )
    }
  }
