import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AmavisdOptions, amavisdConf } from './amavisd-conf.ts'
import { type Child, startChild } from './child.ts'
import { freePort, isListening } from './ports.ts'
import { privateDir } from './private-dir.ts'
import { GTUBE } from './samples.ts'
import type { Storage } from './storage.ts'
import { waitUntil } from './wait.ts'

/** A real amavisd with a home of its own. */
export interface Amavisd extends AsyncDisposable {
  /** Where mail comes in. */
  readonly smtpPort: number
  /** AM.PDP over TCP. */
  readonly amPdpPort: number
  /** AM.PDP over a Unix socket. */
  readonly socketPath: string
  /** Where quarantine files lie; `msgs.quar_loc` is relative to it. */
  readonly quarantineDir: string
  /** What it has logged lately, for the message of a failed test. */
  log(): string
  stop(): Promise<void>
  /** As a power failure would. */
  kill(): Promise<void>
  /** Starts it again on the same ports. */
  start(): Promise<void>
}

export interface AmavisdNeighbours {
  readonly storage: Storage
  /** Receives what amavisd passes and releases. */
  readonly sink: { readonly port: number }
}

/** Ready when it greets: about half a second, and as much again for SpamAssassin's own rules. */
export async function startAmavisd(
  { storage, sink }: AmavisdNeighbours,
  options: AmavisdOptions = {},
): Promise<Amavisd> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'Only root can start a private amavisd: it refuses a configuration that its own user may write.',
    )
  }
  const dir = privateDir('amavisd', 'amavis')
  const home = dir.own('home')
  for (const name of HOME_DIRS) dir.own(`home/${name}`)
  const places = {
    home,
    user: dir.user,
    smtpPort: await freePort(),
    amPdpPort: await freePort(),
    socketPath: join(home, 'amavisd.sock'),
    forwardPort: sink.port,
    rulesDir: fewRules(dir.path),
    storage,
  }
  const confFile = join(dir.path, 'amavisd.conf')
  writeFileSync(confFile, amavisdConf(places, options))

  let server: Child | undefined
  const start = async () => {
    server = startChild('/usr/sbin/amavisd', ['-c', confFile, 'foreground'])
    await server.whileAlive(
      waitUntil('amavisd', () => isListening(places.smtpPort, { greeting: true }), { every: 20 }),
    )
  }
  await start()
  return {
    smtpPort: places.smtpPort,
    amPdpPort: places.amPdpPort,
    socketPath: places.socketPath,
    quarantineDir: join(home, 'quarantine'),
    log: () => server?.output() ?? '',
    start,
    stop: async () => server?.stop(),
    kill: async () => server?.kill(),
    [Symbol.asyncDispose]: async () => {
      await server?.stop()
      dir.remove()
    },
  }
}

function fewRules(path: string): string {
  const rules = join(path, 'spamassassin')
  mkdirSync(rules)
  writeFileSync(join(rules, 'check.pre'), 'loadplugin Mail::SpamAssassin::Plugin::Check\n')
  writeFileSync(
    join(rules, 'gtube.cf'),
    `body GTUBE /${GTUBE.replaceAll(/[*.]/g, '\\$&')}/\nscore GTUBE 1000\n`,
  )
  return rules
}

/** `spam` is where the file quarantine puts spam, so that a quarantine location with a slash occurs. */
const HOME_DIRS = ['tmp', 'db', 'quarantine', 'quarantine/spam']
