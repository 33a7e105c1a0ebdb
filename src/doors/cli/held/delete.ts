import type { Command } from 'commander'
import type { DeletionOutcome } from '../../../work/quarantine/delete-held.ts'
import { type Cli, type CommonOptions, print, printNote, withApp } from '../context.ts'
import { commandLineViewer } from './command-line-viewer.ts'
import type { NameOptions } from './named-held.ts'
import { partitionOption } from './partition-option.ts'

interface DeleteOptions extends CommonOptions, NameOptions {
  readonly undo?: boolean
}

export function addDelete(program: Command, cli: Cli): void {
  program
    .command('delete')
    .description('delete one message for one recipient; it can be restored until the purge takes it')
    .argument('<mail-id>', "amavisd's mail_id")
    .requiredOption('--recipient <address>', 'for whom')
    .option('--undo', 'take the deletion back')
    .addOption(partitionOption())
    .option('--json', 'print the result as JSON')
    .action(remove(cli))
}

const remove =
  (cli: Cli) =>
  async (mailId: string, _options: DeleteOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<DeleteOptions>()
    const { status } = await withApp(cli, options, async app => {
      await app.check()
      const { oneNamedHeld } = await import('./named-held.ts')
      const { ref } = await oneNamedHeld(app, mailId, options)
      const viewer = commandLineViewer()
      return options.undo ? app.quarantine.restore(viewer, ref) : app.quarantine.delete(viewer, ref)
    })
    if (options.json) print(JSON.stringify({ status }))
    printNote(WORDS[status])
    if (status !== (options.undo ? 'restored' : 'deleted')) process.exitCode = 1
  }

const WORDS: Readonly<Record<DeletionOutcome['status'], string>> = {
  deleted: 'Deleted. Until the purge takes it, --undo restores it.',
  restored: 'It is in the quarantine as before.',
  'already-released': 'It was released, so nothing was changed.',
  'being-released': 'It is being released, so it was not deleted.',
}
