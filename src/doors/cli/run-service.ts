import type { Logger } from 'pino'
import type { Config } from '../../ground/config/schema.ts'
import { SECOND } from '../../ground/durations.ts'
import type { App } from '../app.ts'
import type { Systemd } from '../service/systemd.ts'
import { type Cli, stopSignal } from './context.ts'

/** What a service works with. */
interface Parts {
  readonly app: App
  readonly config: Config
  readonly log: Logger
  readonly clock: () => number
  readonly systemd: Systemd
}

/** Runs a service until SIGTERM or SIGINT. It may then finish the work in hand, within `shutdown.grace`. */
export async function runService(
  { createApp }: Cli,
  config: Config,
  service: (parts: Parts, stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const { createLog } = await import('../../ground/log.ts')
  const { connectSystemd } = await import('../service/systemd.ts')
  const log = createLog(config.log.level, config.log.format)
  // Node ends the process with its own words, which the journal takes for information.
  process.on('uncaughtExceptionMonitor', error =>
    log.fatal({ err: error }, 'unexpected failure; please report it'),
  )
  using systemd = connectSystemd(process.env, log)
  const stop = stopSignal()
  stop.addEventListener('abort', () => {
    log.info('stopping: finishing the work in hand')
    systemd.stopping()
    endAfter(config.shutdown.grace, log)
  })
  await using app = await createApp(config, { log, clock: Date.now, isService: true })
  await service({ app, config, log, clock: Date.now, systemd }, stop)
  log.info('stopped')
}

/** Work that hangs must not hold up a restart. Its rows stay, and the next process takes them up. */
function endAfter(grace: number, log: Logger): void {
  setTimeout(() => {
    log.warn(
      { seconds: grace / SECOND },
      'the work in hand was not finished within shutdown.grace; the next start takes it up',
    )
    process.exit(0)
  }, grace).unref()
}
