import type { Command } from 'commander'
import { CodedError } from '../../ground/errors.ts'
import { work } from '../service/worker.ts'
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
    const config = configOf(command.optsWithGlobals<CommonOptions>())
    if (config.queue.kind !== 'redis') {
      throw new CodedError(
        'CONFIG_INVALID',
        'A worker gets its jobs through Redis, but queue.kind is in-process: serve delivers by itself. Set queue: { kind: redis, url: redis://… } for both.',
      )
    }
    await runService(cli, config, work)
  }
