import { type Command, Option } from 'commander'
import { ORDERS } from '../../../rules/search/search.ts'
import type { Cli } from '../context.ts'
import type { LearnOptions } from './held-learn.ts'
import type { ListOptions } from './held-list.ts'
import type { ShowOptions } from './held-show.ts'
import { partitionOption } from './partition-option.ts'

export function addHeld(program: Command, cli: Cli): void {
  const held = program.command('held').description('what the quarantine holds')
  held
    .command('list')
    .description('show what is held, newest first, with mail ids')
    .option('--recipient <address>', 'only what was sent to this address')
    .option(
      '--search <query>',
      'as in the search box of the pages: words, from:, subject:, type:, is:, after: …',
    )
    .option('--limit <number>', 'the most lines', '50')
    .option('--after <cursor>', 'go on where a list has ended: what it gave as "next"')
    .addOption(new Option('--sort <order>', 'by what').choices(ORDERS).default('date'))
    .option('--ascending', 'the least, or the oldest, first')
    .option('--json', 'as JSON')
    .action(list(cli))
  held
    .command('show')
    .description('show one message: its facts, why it is held, its text, its attachments')
    .argument('<mail-id>', "amavisd's mail_id")
    .option('--recipient <address>', 'for this recipient alone')
    .addOption(partitionOption())
    .option('--json', 'as JSON')
    .action(show(cli))
  held
    .command('learn')
    .description('tell the filter that a released message was spam, or was not')
    .argument('<mail-id>', "amavisd's mail_id")
    .requiredOption('--recipient <address>', 'for whom it was released')
    .option('--spam', 'it was spam after all')
    .option('--not-spam', 'it was held as spam, and was none')
    .addOption(partitionOption())
    .option('--json', 'print the result as JSON')
    .action(learn(cli))
}

const list =
  (cli: Cli) =>
  async (_options: ListOptions, command: Command): Promise<void> =>
    (await import('./held-list.ts')).listHeld(cli, command.optsWithGlobals<ListOptions>())

const show =
  (cli: Cli) =>
  async (mailId: string, _options: ShowOptions, command: Command): Promise<void> =>
    (await import('./held-show.ts')).showHeld(cli, mailId, command.optsWithGlobals<ShowOptions>())

const learn =
  (cli: Cli) =>
  async (mailId: string, _options: LearnOptions, command: Command): Promise<void> =>
    (await import('./held-learn.ts')).learnHeld(cli, mailId, command.optsWithGlobals<LearnOptions>())
