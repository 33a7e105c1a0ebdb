import type { Logger } from 'pino'
import { createApp } from '../../src/app.ts'
import type { App } from '../../src/doors/app.ts'
import { loadConfig } from '../../src/ground/config/load.ts'
import type { Config } from '../../src/ground/config/schema.ts'
import { readableLog } from '../log-lines.ts'

/**
 * Runs work of the program in this process, on a configuration file. Starting a command takes half a second of a
 * processor, so tests do so only for what the command line itself does.
 *
 * @throws Error if the work logs anything: a command would write that to stderr
 */
export async function inProcess<T>(configFile: string, work: (app: App) => Promise<T>): Promise<T> {
  const { log, lines } = readableLog()
  log.level = 'warn'
  const config = loadConfig(configFile, {}, sentence => lines.push(sentence))
  const result = await onApp(config, log, work)
  if (lines.length > 0) throw new Error(`The work was done, but: ${lines.join('')}`)
  return result
}

async function onApp<T>(config: Config, log: Logger, work: (app: App) => Promise<T>): Promise<T> {
  await using app = await createApp(config, { log, clock: Date.now })
  return await work(app)
}

/** Makes our tables, as set-up. */
export const migrate = (configFile: string): Promise<string[]> => inProcess(configFile, app => app.migrate())
