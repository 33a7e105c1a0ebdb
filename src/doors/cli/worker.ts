import type { Command } from 'commander'
import { CodedError } from '../../ground/errors.ts'
import { type Cli, type CommonOptions, configOf } from './context.ts'
import { runService } from './run-service.ts'

export function addWorker(program: Command, cli: Cli): void {
  program
    .command('worker')
    .description('deliver what serve hands out through Redis, until SIGTERM')
    .action(worker(cli))
}

const worker =
  (cli: Cli) =>
  async (_options: CommonOptions, command: Command): Promise<void> => {
    const config = await configOf(command.optsWithGlobals<CommonOptions>())
    if (config.queue.kind !== 'redis') {
      throw new CodedError(
        'CONFIG_INVALID',
        'A worker gets its jobs through Redis, but queue.kind is in-process: serve delivers by itself. Set queue: { kind: redis, url: redis://… } for both.',
      )
    }
    const { work } = await import('../service/worker.ts')
    await runService(cli, config, work)
  }
