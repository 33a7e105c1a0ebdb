import type { Command } from 'commander'
import { compileLittle } from '../../ground/heap.ts'
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
    compileLittle()
    const config = await configOf(command.optsWithGlobals<CommonOptions>())
    const { serve: serveUntil } = await import('../service/service.ts')
    await runService(cli, config, serveUntil)
  }
