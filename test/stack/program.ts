import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { ConfigInput } from '../../src/ground/config/schema.ts'
import { type Child, startChild } from '../servers/child.ts'
import { CLI } from '../servers/cli-file.ts'
import { type CommandResult, runCommand } from '../servers/commands.ts'
import { freePort } from '../servers/ports.ts'
import { waitUntil } from '../servers/wait.ts'

/** The program as an admin uses it: a configuration file, a key file, and commands that are processes. */
export interface Program extends Disposable {
  readonly configFile: string
  readonly keyFile: string
  /** The URL at which its `serve` listens. */
  readonly url: string
  /** Runs one command to its end. */
  command(...args: readonly string[]): Promise<CommandResult>
  /** Starts a command that the test ends. */
  spawn(...args: readonly string[]): Child
  /** Like `spawn`, with options for Node and environment variables. */
  spawnIn(surroundings: Surroundings, ...args: readonly string[]): Child
  /** Starts `serve`. Returns when it is ready, or as soon as it listens if `ready` is false. */
  serve(expected?: { readonly ready: boolean }): Promise<Service>
}

export interface Surroundings {
  readonly nodeOptions?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** A running `serve`. */
export interface Service extends AsyncDisposable {
  /** The URL at which it listens. Its links use `PUBLIC_URL`, as behind a proxy. */
  readonly url: string
  /** Its latest log lines. */
  log(): string
  /** Sends SIGTERM. @returns the exit status */
  stop(): Promise<number | null>
  /** Kills the process, like a power failure. */
  kill(): Promise<void>
}

/** Nobody listens there. To follow a link, replace this part by `Service.url`. */
export const PUBLIC_URL = 'https://quarantine.example.com/held'

/** The required settings, and any others that a test needs. */
export type Settings = Pick<ConfigInput, 'storage'> & Partial<ConfigInput>

/** Writes a configuration into a new folder. Nothing runs yet. */
export async function createProgram(settings: Settings): Promise<Program> {
  const dir = mkdtempSync(join(tmpdir(), 'amavis-digest-'))
  const configFile = join(dir, 'config.yaml')
  const keyFile = settings.links?.keyFile ?? join(dir, 'token.keys')
  const port = await freePort()
  writeFileSync(configFile, stringify(withDefaults(settings, port, keyFile)), { mode: 0o600 })
  const spawnIn = ({ nodeOptions = [], environment }: Surroundings, ...args: readonly string[]) =>
    startChild(process.execPath, [...nodeOptions, CLI, ...args, '--config', configFile], {
      env: { ...ENVIRONMENT, ...environment },
    })
  const spawn = (...args: readonly string[]) => spawnIn({}, ...args)
  const base = `http://127.0.0.1:${port}`
  return {
    configFile,
    keyFile,
    url: base,
    command: (...args) => runCommand([...args, '--config', configFile], ENVIRONMENT),
    spawn,
    spawnIn,
    serve: ({ ready } = { ready: true }) => serve(spawn('serve'), base, ready),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  }
}

function withDefaults(settings: Settings, port: number, keyFile: string): Partial<ConfigInput> {
  return {
    publicUrl: PUBLIC_URL,
    smtp: { url: 'smtp://127.0.0.1:9', from: 'Mail quarantine <quarantine@example.com>' },
    // Only on leap days, so that no test gets a run that it has not asked for.
    schedules: [{ name: 'daily', cron: '0 0 29 2 *', timezone: 'Europe/Paris', default: true }],
    admins: ['postmaster@example.com'],
    ...settings,
    http: { perAddress: 10_000, perLink: 10_000, ...settings.http, port },
    links: { keyFile, ...settings.links },
    // Tests wait until the leases of a killed process have expired. Without an amavisd, digests are sent all the same.
    delivery: { lease: '5s', ...(!settings.release && { withoutRelease: true }), ...settings.delivery },
  }
}

/** The environment without settings of this machine. */
const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('AMAVIS_DIGEST_')),
)

async function serve(child: Child, url: string, ready: boolean): Promise<Service> {
  const isThere = async () => (!ready || child.output().includes('"msg":"ready"')) && isOk(`${url}/healthz`)
  await child.whileAlive(waitUntil('serve', isThere))
  return {
    url,
    log: child.output,
    stop: () => stop(child),
    kill: child.kill,
    [Symbol.asyncDispose]: child.stop,
  }
}

async function stop(child: Child): Promise<number | null> {
  await child.stop()
  return child.ended
}

const isOk = (url: string): Promise<boolean> =>
  fetch(url).then(
    response => response.ok,
    () => false,
  )
