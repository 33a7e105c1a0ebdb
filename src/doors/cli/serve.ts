import type { Command } from 'commander'
import { serve as serveUntil } from '../service/service.ts'
import { type CommonOptions, configOf } from './context.ts'
import { runService } from './run-service.ts'

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('collect, follow the schedules, deliver and answer HTTP, until SIGTERM')
    .action(serve)
}

async function serve(_options: CommonOptions, command: Command): Promise<void> {
  await runService(configOf(command.optsWithGlobals<CommonOptions>()), serveUntil)
}
