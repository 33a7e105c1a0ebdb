import type { Logger } from 'pino'
import type { App } from '../app.ts'
import type { Systemd } from './systemd.ts'
import { whenDatabasesAnswer } from './when-databases-answer.ts'

export interface WorkerDeps {
  readonly app: App
  readonly log: Logger
  readonly systemd: Systemd
}

/**
 * Delivers digests and asks for releases as the queue hands them out, until the signal is aborted; then finishes what
 * is in hand.
 *
 * @throws CodedError when it cannot start: a wrong setting, tables that are not migrated
 */
export async function work({ app, log, systemd }: WorkerDeps, stop: AbortSignal): Promise<void> {
  await app.prepare()
  systemd.ready('waiting for work')
  if (!(await whenDatabasesAnswer(() => app.check(), log, stop))) return
  log.info('ready')
  await app.doJobs(stop)
}
