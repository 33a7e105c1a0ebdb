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
 * Delivers digests and asks for releases as the queue hands them out until the signal is aborted, then finishes the
 * work in hand.
 *
 * @throws CodedError when it cannot start: a wrong setting, tables that are not migrated, a port that is taken
 */
export async function work({ app, log, systemd }: WorkerDeps, stop: AbortSignal): Promise<void> {
  await app.prepare()
  await using http = await app.startWatcherHttp(stop)
  if (http) log.info({ port: http.port }, 'listening')
  systemd.ready('waiting for work')
  const prepared = async () => {
    await app.check()
    await app.tellOfLostKeys()
  }
  if (!(await whenDatabasesAnswer(prepared, log, stop))) return
  log.info('ready')
  await app.doJobs(stop)
}
