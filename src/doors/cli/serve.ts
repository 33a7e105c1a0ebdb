import type { Command } from 'commander'
import { serve as serveUntil } from '../service/service.ts'
import { type Cli, type CommonOptions, configOf } from './context.ts'
import { runService } from './run-service.ts'

export function addServe(program: Command, cli: Cli): void {
  program
    .command('serve')
    .description('collect, follow the schedules, deliver and answer HTTP, until SIGTERM')
    .action(serve(cli))
}

const serve =
  (cli: Cli) =>
  async (_options: CommonOptions, command: Command): Promise<void> => {
    await runService(cli, configOf(command.optsWithGlobals<CommonOptions>()), serveUntil)
  }
