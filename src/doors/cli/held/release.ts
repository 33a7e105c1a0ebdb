import type { Command } from 'commander'
import { CodedError } from '../../../ground/errors.ts'
import type { ReleaseOutcome } from '../../../work/release/release-message.ts'
import { type Cli, type CommonOptions, print, printNote, withApp } from '../context.ts'
import { commandLineViewer } from './command-line-viewer.ts'
import type { NameOptions } from './named-held.ts'
import { partitionOption } from './partition-option.ts'

interface ReleaseOptions extends CommonOptions, NameOptions {
  readonly again?: boolean
}

export function addRelease(program: Command, cli: Cli): void {
  program
    .command('release')
    .description('release one message to one recipient, as a click would')
    .argument('<mail-id>', "amavisd's mail_id")
    .requiredOption('--recipient <address>', 'who gets it')
    .option('--again', 'release it even if an earlier attempt may have delivered it')
    .addOption(partitionOption())
    .option('--json', 'print the result as JSON')
    .action(release(cli))
}

const release =
  (cli: Cli) =>
  async (mailId: string, _options: ReleaseOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<ReleaseOptions>()
    const outcome = await withApp(cli, options, async app => {
      await app.check()
      const { oneNamedHeld } = await import('./named-held.ts')
      const { ref } = await oneNamedHeld(app, mailId, options)
      const viewer = commandLineViewer()
      const again = options.again === true
      const { status, code } = await app.quarantine.release(viewer, ref, { confirmed: true, again })
      const reply = (await app.quarantine.releaseStates(viewer, ref)).get(ref)?.reply ?? null
      return { status, code, reply }
    })
    if (options.json) print(JSON.stringify(outcome))
    const reply = outcome.reply === null ? '' : `\namavisd: ${outcome.reply}`
    if (outcome.status !== 'failed') {
      printNote(`${DONE[outcome.status]}${reply}`)
      return
    }
    const code = outcome.code ?? 'AMAVISD_REFUSED'
    throw new CodedError(code, `${code === 'RELEASE_UNCERTAIN' ? UNCERTAIN : 'It was not released.'}${reply}`)
  }

const DONE: Readonly<Record<Exclude<ReleaseOutcome['status'], 'failed'>, string>> = {
  released: 'Released.',
  'already-released': 'It was released before; no second copy was sent.',
  requested: 'An admin was asked to decide.',
  queued: 'amavisd could not deliver it now; a running "amavis-digest serve" keeps asking for a day.',
}

const UNCERTAIN =
  'It may have been delivered: the answer was lost. Check the mailbox first; if it is not there, release it with --again.'
