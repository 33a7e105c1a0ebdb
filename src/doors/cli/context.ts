import type { Config } from '../../ground/config/schema.ts'
import { goesToJournal, withPriority } from '../../ground/log-journal.ts'
import type { App, CreateApp } from '../app.ts'
import { escaped } from './escaped.ts'
import { writeResult } from './output.ts'

/** What the program's entry hands to the commands. */
export interface Cli {
  readonly createApp: CreateApp
  /** Runs the embedded world until the signal is aborted. */
  readonly runDemo: (request: DemoRequest) => Promise<void>
}

export interface DemoRequest {
  /** The port of the links. If it is taken, a free one is used. */
  readonly port: number
  readonly inboxPort: number
  readonly signal: AbortSignal
  /** Called when the digest is in the inbox. */
  readonly onReady: (urls: DemoUrls) => void
}

export interface DemoUrls {
  readonly inbox: string
  /** Where links lead. Readers sign in there. */
  readonly links: string
  /** Signs an admin in, once, for 15 minutes. */
  readonly admin: string
}

/** The options of every command. */
export interface CommonOptions {
  readonly config?: string
  readonly json?: boolean
}

/** Reads a command's configuration, from its file and from the environment. */
export async function configOf(options: CommonOptions): Promise<Config> {
  const { loadConfig } = await import('../../ground/config/load.ts')
  return loadConfig(options.config, process.env, warning => printNote(`amavis-digest: ${warning}`))
}

/** Runs a command's work on an app, and closes the app in any case. Logs only warnings and errors. */
export async function withApp<T>(
  { createApp }: Cli,
  options: CommonOptions,
  work: (app: App, config: Config) => Promise<T>,
): Promise<T> {
  const config = await configOf(options)
  const { createLog } = await import('../../ground/log.ts')
  const log = createLog(config.log.level === 'debug' ? 'debug' : 'warn', config.log.format)
  await using app = await createApp(config, { log, clock: Date.now })
  return await work(app, config)
}

/** Prints a result on stdout. */
export const print = (text: string): void => writeResult(`${text}\n`)

/** Prints a line for the person at the terminal, on stderr. */
export const printNote = (text: string): void => {
  process.stderr.write(`${readable(text)}\n`)
}

/** Prints why a command failed, on stderr. Under systemd its lines are errors of the journal. */
export const printError = (text: string): void => {
  const inJournal = goesToJournal(process.env, process.stderr.fd)
  printNote(inJournal ? text.replaceAll(/^/gm, withPriority('', ERROR)) : text)
}

/** The level of pino. */
const ERROR = 50

/** Text for stderr that may quote the arguments of this process. */
export const readable = (text: string): string => escaped(text, process.argv.slice(2))

/** A signal that SIGTERM or SIGINT aborts. A second one ends the process at once. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  let stoppedAt = 0
  const onSignal = (name: NodeJS.Signals) => {
    const isEcho = name === 'SIGINT' && performance.now() - stoppedAt < ECHO
    if (stop.signal.aborted && !isEcho) process.exit(1)
    if (stop.signal.aborted) return
    stoppedAt = performance.now()
    stop.abort()
  }
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, onSignal)
  return stop.signal
}

/**
 * Milliseconds. Under npm, one Ctrl-C arrives twice, from the terminal and from npm, if the shell replaces itself with
 * the program, as bash does.
 */
const ECHO = 500
