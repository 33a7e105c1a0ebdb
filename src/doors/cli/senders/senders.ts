import type { Command } from 'commander'
import type { Cli, CommonOptions } from '../context.ts'

export function addSenders(program: Command, cli: Cli): void {
  const senders = program
    .command('senders')
    .description('who is always let through and who is always held, for a reader, a domain or everybody')
  senders
    .command('list')
    .description('show both lists')
    .argument('<address>', OWNER)
    .option('--json', 'as JSON')
    .action(list(cli))
  for (const [name, does] of [
    ['allow', 'always let a sender through the spam check'],
    ['block', 'always hold a sender'],
  ] as const) {
    senders
      .command(name)
      .description(does)
      .argument('<address>', OWNER)
      .argument('<sender>', SENDER)
      .option('--json', 'print the result as JSON')
      .action(set(cli, name))
  }
  senders
    .command('remove')
    .description('take a sender off both lists')
    .argument('<address>', OWNER)
    .argument('<sender>', SENDER)
    .option('--json', 'print the result as JSON')
    .action(remove(cli))
}

const OWNER = 'whose mail: alice@example.com, @example.com, or @. for everybody'
const SENDER = 'bob@example.net, or @example.net for a whole domain'

const list =
  (cli: Cli) =>
  async (address: string, _options: CommonOptions, command: Command): Promise<void> =>
    (await import('./senders-list.ts')).listSenders(cli, address, command.optsWithGlobals<CommonOptions>())

const set =
  (cli: Cli, to: 'allow' | 'block') =>
  async (address: string, sender: string, _options: CommonOptions, command: Command): Promise<void> => {
    const entry = { sender, list: to }
    const options = command.optsWithGlobals<CommonOptions>()
    await (await import('./senders-change.ts')).setSender(cli, address, entry, options)
  }

const remove =
  (cli: Cli) =>
  async (address: string, sender: string, _options: CommonOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<CommonOptions>()
    await (await import('./senders-change.ts')).removeSender(cli, address, sender, options)
  }
