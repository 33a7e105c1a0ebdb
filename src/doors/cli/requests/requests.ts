import { type Command, Option } from 'commander'
import { REQUEST_STATES } from '../../../work/requests/request.ts'
import type { Cli } from '../context.ts'
import type { DecideOptions } from './requests-decide.ts'
import type { ListOptions } from './requests-list.ts'

export function addRequests(program: Command, cli: Cli): void {
  const requests = program
    .command('requests')
    .description('what readers have asked to be released, and deciding it')
  requests
    .command('list')
    .description('show what waits for a decision, the oldest first')
    .addOption(
      new Option('--state <state>', 'what has become of it')
        .choices([...REQUEST_STATES, 'any'])
        .default('waiting'),
    )
    .option('--limit <number>', 'the most lines', '50')
    .option('--after <cursor>', 'go on where a list has ended: what it gave as "next"')
    .option('--json', 'as JSON')
    .action(list(cli))
  requests
    .command('approve')
    .description('release the message to its recipient, and tell who asked')
    .argument('<id>', 'as "list" shows it')
    .option('--note <text>', 'what is said to the readers')
    .option('--json', 'print the result as JSON')
    .action(decide(cli, 'approve'))
  requests
    .command('refuse')
    .description('leave the message in the quarantine, and tell who asked')
    .argument('<id>', 'as "list" shows it')
    .option('--note <text>', 'what is said to the readers')
    .option('--json', 'print the result as JSON')
    .action(decide(cli, 'refuse'))
}

const list =
  (cli: Cli) =>
  async (_options: ListOptions, command: Command): Promise<void> =>
    (await import('./requests-list.ts')).listRequests(cli, command.optsWithGlobals<ListOptions>())

const decide =
  (cli: Cli, verb: 'approve' | 'refuse') =>
  async (id: string, _options: DecideOptions, command: Command): Promise<void> =>
    (await import('./requests-decide.ts')).decideRequest(
      cli,
      verb,
      id,
      command.optsWithGlobals<DecideOptions>(),
    )
