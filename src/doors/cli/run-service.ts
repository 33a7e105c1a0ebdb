import type { Logger } from 'pino'
import type { Config } from '../../ground/config/schema.ts'
import { SECOND } from '../../ground/durations.ts'
import { createLog } from '../../ground/log.ts'
import type { App } from '../app.ts'
import { connectSystemd, type Systemd } from '../service/systemd.ts'
import { type Cli, stopSignal } from './context.ts'

/** What a service is made of. */
interface Parts {
  readonly app: App
  readonly config: Config
  readonly log: Logger
  readonly clock: () => number
  readonly systemd: Systemd
}

/** Runs a service until SIGTERM or SIGINT, and then until it has finished what is in hand, if that is in time. */
export async function runService(
  { createApp }: Cli,
  config: Config,
  service: (parts: Parts, stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const log = createLog(config.log.level)
  using systemd = connectSystemd(process.env, log)
  const stop = stopSignal()
  stop.addEventListener('abort', () => {
    log.info('stopping: finishing what is in hand')
    systemd.stopping()
    endAfter(config.shutdown.grace, log)
  })
  await using app = createApp(config, { log, clock: Date.now })
  await service({ app, config, log, clock: Date.now, systemd }, stop)
  log.info('stopped')
}

/** Work that hangs must not hold up a restart: its rows are there for whoever comes next. */
function endAfter(grace: number, log: Logger): void {
  setTimeout(() => {
    log.warn(
      { seconds: grace / SECOND },
      'not finished within shutdown.grace; its rows are there for the next start',
    )
    process.exit(0)
  }, grace).unref()
}
