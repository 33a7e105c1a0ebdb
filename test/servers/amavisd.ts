import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AmavisdOptions, amavisdConf } from './amavisd-conf.ts'
import { type Child, startChild } from './child.ts'
import { freePort, isListening } from './ports.ts'
import { privateDir } from './private-dir.ts'
import { GTUBE } from './samples.ts'
import type { Storage } from './storage.ts'
import { waitUntil } from './wait.ts'

/** A real amavisd with its own home directory. */
export interface Amavisd extends AsyncDisposable {
  /** The port for incoming mail. */
  readonly smtpPort: number
  /** Its configuration. */
  readonly confFile: string
  /** AM.PDP over TCP. */
  readonly amPdpPort: number
  /** AM.PDP over a Unix socket. */
  readonly socketPath: string
  /** The folder of quarantine files; `msgs.quar_loc` is relative to it. */
  readonly quarantineDir: string
  /** The end of its log, for the message of a failed test. */
  log(): string
  stop(): Promise<void>
  /** Kills it as a power failure would. */
  kill(): Promise<void>
  /** Starts it again on the same ports. */
  start(): Promise<void>
}

export interface AmavisdPeers {
  readonly storage: Storage
  /** Receives what amavisd passes and releases. */
  readonly sink: { readonly port: number }
}

/** Starts amavisd and waits for its greeting: half a second, and another half with SpamAssassin's own rules. */
export async function startAmavisd(
  { storage, sink }: AmavisdPeers,
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
  const environment = {
    home,
    user: dir.user,
    smtpPort: await freePort(),
    amPdpPort: await freePort(),
    socketPath: join(home, 'amavisd.sock'),
    forwardPort: sink.port,
    rulesDir: writeGtubeRule(dir.path),
    storage,
  }
  const confFile = join(dir.path, 'amavisd.conf')
  writeFileSync(confFile, amavisdConf(environment, options))

  let server: Child | undefined
  const start = async () => {
    server = startChild('/usr/sbin/amavisd', ['-c', confFile, 'foreground'])
    await server.whileAlive(
      waitUntil('amavisd', () => isListening(environment.smtpPort, { greeting: true }), { every: 20 }),
    )
  }
  await start()
  return {
    smtpPort: environment.smtpPort,
    confFile,
    amPdpPort: environment.amPdpPort,
    socketPath: environment.socketPath,
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

function writeGtubeRule(path: string): string {
  const rules = join(path, 'spamassassin')
  mkdirSync(rules)
  writeFileSync(join(rules, 'check.pre'), 'loadplugin Mail::SpamAssassin::Plugin::Check\n')
  writeFileSync(
    join(rules, 'gtube.cf'),
    `body GTUBE /${GTUBE.replaceAll(/[*.]/g, '\\$&')}/\nscore GTUBE 1000\n`,
  )
  return rules
}

/** The file quarantine puts spam into `spam`, so that some quarantine locations have a slash. */
const HOME_DIRS = ['tmp', 'db', 'quarantine', 'quarantine/spam']
