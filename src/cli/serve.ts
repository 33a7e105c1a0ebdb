import type { Command } from 'commander'
import { createApp } from '../app.ts'
import { createLog } from '../log.ts'
import { serve as serveUntil } from '../service/service.ts'
import { type CommonOptions, configOf, stopSignal } from './context.ts'

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('collect, follow the schedules, deliver and answer HTTP, until SIGTERM')
    .action(serve)
}

async function serve(_options: CommonOptions, command: Command): Promise<void> {
  const config = configOf(command.optsWithGlobals<CommonOptions>())
  const log = createLog(config.log.level)
  const signal = stopSignal()
  signal.addEventListener('abort', () => {
    log.info('stopping: finishing what is in hand')
    endAfter(config.shutdown.grace)
  })
  await using app = createApp(config, { log, clock: Date.now })
  await serveUntil({ app, config, log, clock: Date.now }, signal)
  log.info('stopped')
}

/** Work that hangs must not hold up a restart: its rows are there for whoever comes next. */
function endAfter(grace: number): void {
  setTimeout(() => process.exit(0), grace).unref()
}
